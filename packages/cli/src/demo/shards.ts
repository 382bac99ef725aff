import type { FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import type { Child } from "./child.ts";

/** The StatefulSet whose pods are the demo's workers. */
export const shards = { namespace: "mosaic", name: "kube-state-mosaic" } as const;

export interface ShardsOptions {
  readonly server: FakeKubernetes;
  readonly kubeconfig: string;
  /** Starts a process whose warnings are shown under its name. */
  readonly start: (name: string, args: readonly string[]) => Child;
}

/** Longer than any handover: what a pod has until it would be killed. */
const graceMs = 120_000;

/**
 * A controller and a kubelet in small: as many worker processes as the StatefulSet wants, each told its pod. A worker that is not
 * wanted any more gets its signal, hands over and ends by itself.
 */
export class Shards {
  readonly #options: ShardsOptions;
  readonly #workers = new Map<number, Child>();

  constructor(options: ShardsOptions, replicas: number) {
    this.#options = options;
    const { server } = options;
    const { namespace, name } = shards;
    server.create("namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace },
    });
    server.create("statefulsets", {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name, namespace },
      spec: { replicas, serviceName: name },
    });
  }

  /** By ordinal. */
  get workers(): ReadonlyMap<number, Child> {
    return this.#workers;
  }

  /** Starts what is missing and tells what is too much to leave. */
  reconcile(): void {
    const { server } = this.#options;
    const { spec } = server.get("statefulsets", shards) ?? {};
    const replicas = Number((spec as { replicas?: number } | undefined)?.replicas ?? 0);
    for (let ordinal = 0; ordinal < replicas; ordinal++)
      if (!this.#workers.has(ordinal)) this.#start(ordinal);
    for (const [ordinal, worker] of this.#workers)
      if (ordinal >= replicas) this.#leave(ordinal, worker);
  }

  #start(ordinal: number): void {
    const { kubeconfig, start } = this.#options;
    this.#putPod(ordinal);
    const worker = start(`worker ${ordinal}`, [
      "worker",
      `--kubeconfig=${kubeconfig}`,
      `--pod=${shards.name}-${ordinal}`,
      `--pod-namespace=${shards.namespace}`,
      "--advertise-address=127.0.0.1",
      "--host=127.0.0.1",
      "--port=0",
      "--telemetry-host=127.0.0.1",
      "--telemetry-port=0",
    ]);
    this.#workers.set(ordinal, worker);
  }

  #leave(ordinal: number, worker: Child): void {
    if (worker.stopping) return;
    this.#putPod(ordinal, new Date(Date.now() + graceMs).toISOString());
    void worker.stop().then(() => {
      this.#options.server.delete("pods", { ...shards, name: `${shards.name}-${ordinal}` });
      this.#workers.delete(ordinal);
    });
  }

  #putPod(ordinal: number, deletionTimestamp?: string): void {
    const { server } = this.#options;
    const { namespace, name } = shards;
    const { uid = "" } = server.get("statefulsets", shards)?.metadata ?? {};
    const controller = { apiVersion: "apps/v1", kind: "StatefulSet", name, uid, controller: true };
    server.put("pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: `${name}-${ordinal}`,
        namespace,
        ownerReferences: [controller],
        ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      },
      spec: { containers: [{ name: "worker", image: "kube-state-mosaic" }] },
      status: { phase: "Running" },
    });
  }
}
