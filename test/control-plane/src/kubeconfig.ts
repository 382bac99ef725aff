/** A kubeconfig for one cluster and one bearer token. JSON is YAML, so nothing needs quoting. */
export function kubeconfig(access: { url: string; caFile: string; token: string }): string {
  return JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [
        {
          name: "test",
          cluster: { server: access.url, "certificate-authority": access.caFile },
        },
      ],
      users: [{ name: "test", user: { token: access.token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      "current-context": "test",
    },
    undefined,
    2,
  );
}
