import {
  ApiClient,
  loadCluster,
  Reflector,
  type ReflectorSink,
} from "@kube-state-mosaic/kubernetes";
import type { Side } from "./side.ts";

interface Pod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
      }[];
    }[];
  };
  readonly status?: { readonly podIP?: string; readonly hostIP?: string; readonly phase?: string };
}

/** The plain way: pods as JSON, whole, in a Map; a change makes the list of all targets anew. Fewer labels than discovery's. */
export async function plainSide(url: string): Promise<Side> {
  const pods = new Map<string, Pod>();
  let groups = 0;
  let listed = false;
  let onChange = (): void => undefined;
  const sink: ReflectorSink = {
    listStarted: () => undefined,
    set: ({ bytes, start, end, uid }) => {
      // The server sends pods.
      pods.set(uid, JSON.parse(bytes.toString("utf8", start, end)) as Pod);
      onChange();
    },
    delete: ({ uid }) => void pods.delete(uid),
    listCompleted: () => (listed = true),
    listFailed: () => undefined,
    bookmark: () => undefined,
  };
  const client = new ApiClient({ cluster: await loadCluster({ apiserver: url }) });
  const reflector = new Reflector({
    client,
    path: "/api/v1/pods",
    resource: "pods",
    protobuf: false,
    startJitterMs: 0,
    sink,
  });
  void reflector.run(new AbortController().signal);
  const list = (): object[] => {
    const all = [...pods.values()].map(groupOf);
    groups += all.length;
    return all;
  };
  while (!listed) await new Promise((resolve) => setTimeout(resolve, 5));
  let current = list();
  return {
    get groups() {
      return groups;
    },
    nextChange: async () => {
      await new Promise<void>((resolve) => (onChange = resolve));
      current = list();
    },
    publish: () => JSON.stringify(current),
  };
}

function groupOf({ metadata, spec, status = {} }: Pod): object {
  const labels: Record<string, string> = {
    __meta_kubernetes_namespace: metadata.namespace,
    __meta_kubernetes_pod_name: metadata.name,
    __meta_kubernetes_pod_uid: metadata.uid,
    __meta_kubernetes_pod_ip: status.podIP ?? "",
    __meta_kubernetes_pod_host_ip: status.hostIP ?? "",
    __meta_kubernetes_pod_phase: status.phase ?? "",
    __meta_kubernetes_pod_node_name: spec.nodeName ?? "",
  };
  for (const [family, texts] of [
    ["label", metadata.labels],
    ["annotation", metadata.annotations],
  ] as const)
    for (const [key, value] of Object.entries(texts ?? {})) {
      const name = key.replace(/[^a-zA-Z0-9_]/g, "_");
      labels[`__meta_kubernetes_pod_${family}_${name}`] = value;
      labels[`__meta_kubernetes_pod_${family}present_${name}`] = "true";
    }
  const targets = spec.containers.flatMap(({ ports = [] }) =>
    ports.map(({ containerPort }) => `${status.podIP}:${containerPort}`),
  );
  return { targets, labels };
}
