import { startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, type Cluster } from "@kube-state-mosaic/kubernetes";
import { LeaseRegistry } from "../src/lease.ts";
import type { Backend } from "./backend.ts";

export function clusterAt(url: string): Cluster {
  const authentication = { headers: {}, tls: {} };
  return {
    server: new URL(url),
    proxy: undefined,
    origin: "url",
    authenticate: () => Promise.resolve(authentication),
    refused: () => undefined,
  };
}

/** Leases of the StatefulSet `ksm` in the namespace `monitoring` of an API server in this process. */
export async function startLeaseBackend(): Promise<Backend> {
  const server = await startFakeKubernetes();
  const clients: ApiClient[] = [];
  const namespace = "monitoring";
  server.create("namespaces", { metadata: { name: namespace } });
  return {
    mode: "lease",
    open: (options) => {
      const client = new ApiClient({ cluster: clusterAt(server.url) });
      clients.push(client);
      return new LeaseRegistry({
        client,
        namespace,
        statefulset: "ksm",
        random: () => 0.5,
        ...options,
      });
    },
    stop: () => server.stopListening(),
    start: () => server.listen(),
    deleteLayout: async () => server.delete("leases", { namespace, name: "ksm-layout" }),
    restoreLayout: async (text) => {
      const annotations = { "kube-state-mosaic/layout": text };
      server.put("leases", { metadata: { namespace, name: "ksm-layout", annotations } });
    },
    deleteMembers: async () => {
      for (const { name } of server.names("leases"))
        if (name !== "ksm-layout") server.delete("leases", { namespace, name });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}
