import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ControlPlaneClient } from "./client.ts";
import type { PodObject, ProjectedSource } from "./process-kubelet-pod.ts";

/** Fills a folder with the content of a projected volume: tokens bound to the pod, ConfigMaps, the downward API. */
export async function project(
  sources: readonly ProjectedSource[],
  folder: string,
  from: { client: ControlPlaneClient; pod: PodObject; field: (path: string) => string },
): Promise<void> {
  for (const { serviceAccountToken, configMap, downwardAPI } of sources) {
    const files = new Map<string, string>();
    if (serviceAccountToken !== undefined)
      files.set(serviceAccountToken.path, await token(from, serviceAccountToken.expirationSeconds));
    if (configMap !== undefined)
      for (const [path, text] of await configMapFiles(from, configMap)) files.set(path, text);
    for (const { path, fieldRef } of downwardAPI?.items ?? [])
      if (fieldRef !== undefined) files.set(path, from.field(fieldRef.fieldPath));
    for (const [path, text] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }
}

async function token(
  { client, pod }: { client: ControlPlaneClient; pod: PodObject },
  expirationSeconds = 3_600,
): Promise<string> {
  const { namespace, name, uid } = pod.metadata;
  const account = pod.spec.serviceAccountName ?? "default";
  const reply = (await client.send(
    `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
    {
      method: "POST",
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          expirationSeconds,
          // It ends with the pod.
          boundObjectRef: { apiVersion: "v1", kind: "Pod", name, uid },
        },
      },
    },
  )) as { status: { token: string } };
  return reply.status.token;
}

async function configMapFiles(
  { client, pod }: { client: ControlPlaneClient; pod: PodObject },
  { name, items }: NonNullable<ProjectedSource["configMap"]>,
): Promise<ReadonlyMap<string, string>> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/configmaps/${name}`;
  const { data = {} } = (await client.send(path)) as { data?: Readonly<Record<string, string>> };
  const wanted = items ?? Object.keys(data).map((key) => ({ key, path: key }));
  return new Map(wanted.map((item) => [item.path, data[item.key] ?? ""]));
}
