/** A kubeconfig for one server; with `ca` (PEM) for https. */
export function kubeconfigText(server: {
  readonly url: string;
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
}): string {
  const ca =
    server.ca === undefined
      ? ""
      : `\n      certificate-authority-data: ${Buffer.from(server.ca).toString("base64")}`;
  const token =
    server.token === undefined ? " {}" : `\n      token: ${JSON.stringify(server.token)}`;
  return `apiVersion: v1
kind: Config
current-context: fake
contexts:
  - name: fake
    context:
      cluster: fake
      user: fake
clusters:
  - name: fake
    cluster:
      server: ${server.url}${ca}
users:
  - name: fake
    user:${token}
`;
}
