import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ControlPlaneClient } from "./client.ts";
import type { Daemon } from "./daemon.ts";
import type { ImageFolder } from "./process-kubelet-container.ts";
import { nodeAddress, startServiceProxy } from "./process-kubelet-network.ts";
import type { PodObject } from "./process-kubelet-pod.ts";
import { RunningPod } from "./process-kubelet-run-pod.ts";
import { watchObjects } from "./process-kubelet-watch.ts";

export interface ProcessKubeletOptions {
  readonly client: ControlPlaneClient;
  readonly nodeName: string;
  /** By the name that manifests have, without a tag. */
  readonly images: Readonly<Record<string, ImageFolder>>;
  /** Told when all processes of a pod have ended. */
  readonly onEnded?: (pod: RunningPod) => void;
}

/**
 * A node without a container engine: pods that the scheduler binds to it run as processes, each in a network namespace of its own and
 * with nothing but its image's files. One for a network namespace that `makeNodeNetwork` has made, as root; Services have no proxy, except the API server's.
 */
export class ProcessKubelet implements AsyncDisposable {
  readonly #options: ProcessKubeletOptions;
  readonly #folder: string;
  readonly #proxy: Daemon;
  readonly #stopping = new AbortController();
  readonly #pods = new Map<string, RunningPod>();
  #watching: Promise<void> = Promise.resolve();
  #addresses = 1;

  private constructor(options: ProcessKubeletOptions, folder: string, proxy: Daemon) {
    this.#options = options;
    this.#folder = folder;
    this.#proxy = proxy;
  }

  /** Registers the node and begins to run its pods. */
  static async start(options: ProcessKubeletOptions): Promise<ProcessKubelet> {
    const folder = await mkdtemp(join(tmpdir(), "process-kubelet-"));
    const proxy = await startServiceProxy(options.client.url);
    const kubelet = new ProcessKubelet(options, folder, proxy);
    await kubelet.#register();
    kubelet.#watching = kubelet.#watch();
    return kubelet;
  }

  /** Every pod that it runs now, ending ones included. */
  get pods(): readonly RunningPod[] {
    return [...this.#pods.values()];
  }

  /** Ends all pods at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await Promise.all(this.pods.map((pod) => pod.end(1)));
    await this.#proxy.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #register(): Promise<void> {
    const { client, nodeName } = this.#options;
    const capacity = { cpu: "64", memory: "256Gi", pods: "110" };
    await client.send("/api/v1/nodes", {
      method: "POST",
      body: {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
          name: nodeName,
          labels: { "kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux" },
        },
      },
    });
    const contentType = "application/merge-patch+json";
    // The controller that removes a new node's taint looks for a kubelet that renews its Lease, and does not run.
    await client.send(`/api/v1/nodes/${nodeName}`, {
      method: "PATCH",
      contentType,
      body: { spec: { taints: null } },
    });
    await client.send(`/api/v1/nodes/${nodeName}/status`, {
      method: "PATCH",
      contentType,
      body: {
        status: {
          capacity,
          allocatable: capacity,
          addresses: [{ type: "InternalIP", address: nodeAddress }],
          conditions: [{ type: "Ready", status: "True", reason: "ProcessKubelet" }],
        },
      },
    });
  }

  async #watch(): Promise<void> {
    const { client, nodeName } = this.#options;
    const path = `/api/v1/pods?fieldSelector=spec.nodeName%3D${nodeName}`;
    for await (const { type, object } of watchObjects<PodObject>(
      client,
      path,
      this.#stopping.signal,
    )) {
      const { uid, deletionTimestamp, deletionGracePeriodSeconds = 30 } = object.metadata;
      const running = this.#pods.get(uid);
      if (type === "DELETED") {
        if (running !== undefined) void this.#end(running, 0);
      } else if (deletionTimestamp !== undefined) {
        if (running === undefined) void this.#remove(object);
        else void this.#end(running, deletionGracePeriodSeconds);
      } else if (running === undefined) void this.#start(object);
    }
  }

  async #start(object: PodObject): Promise<void> {
    const { client, images } = this.#options;
    const { uid, name } = object.metadata;
    this.#addresses += 1;
    const address = `10.244.${this.#addresses >> 8}.${this.#addresses & 255}`;
    const folder = join(this.#folder, uid);
    const pod = new RunningPod(object, { client, images, folder, address });
    this.#pods.set(uid, pod);
    await pod.start().catch((error: unknown) => {
      console.error(`process kubelet: pod ${name} does not start: ${String(error)}`);
    });
  }

  async #end(pod: RunningPod, graceSeconds: number): Promise<void> {
    await pod.end(graceSeconds);
    if (!this.#pods.delete(pod.pod.metadata.uid)) return;
    this.#options.onEnded?.(pod);
    await this.#remove(pod.pod);
  }

  /** The object goes when nothing of it runs any more. */
  async #remove({ metadata: { name, namespace, uid } }: PodObject): Promise<void> {
    const body = { gracePeriodSeconds: 0, preconditions: { uid } };
    await this.#options.client
      .request(`/api/v1/namespaces/${namespace}/pods/${name}`, { method: "DELETE", body })
      .catch((error: unknown) => console.error(`process kubelet: ${name}: ${String(error)}`));
  }
}
