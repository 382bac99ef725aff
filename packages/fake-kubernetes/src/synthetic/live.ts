import { setTimeout as timer } from "node:timers/promises";
import type { FakeKubernetes } from "../fake-kubernetes.ts";
import { at, type KubernetesObject } from "../kubernetes-object.ts";
import { seededRandom, type Random } from "../random.ts";
import { makeNode } from "./node.ts";
import { time } from "./workload.ts";

export interface LiveOptions {
  readonly changesPerSecond: number;
  readonly seed?: number;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Waits so many milliseconds; may reject when the signal fires. */
  readonly delay?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Milliseconds between two bursts of changes. */
const beat = 50;

/**
 * Lets a populated cluster live until the signal fires: pods crash, go and are replaced, deployments roll, nodes flap.
 * The same seed on the same population makes the same changes in the same order.
 */
export async function live(server: FakeKubernetes, options: LiveOptions): Promise<void> {
  const { changesPerSecond, signal } = options;
  const now = options.now ?? Date.now;
  const delay =
    options.delay ??
    (async (milliseconds, stop): Promise<void> => timer(milliseconds, undefined, { signal: stop }));
  const changes = new Changes(server, seededRandom(options.seed ?? 1, "life"), now);
  let owed = 0;
  let last = now();
  while (!signal.aborted) {
    await delay(beat, signal).catch(() => undefined);
    if (signal.aborted) return;
    const current = now();
    // A suspended process does not catch up for hours.
    owed += Math.min(1, (current - last) / 1000) * changesPerSecond;
    last = current;
    for (; owed >= 1; owed--) changes.next();
  }
}

interface Name {
  readonly namespace: string;
  readonly name: string;
}

/** The changes one after another; names are read once and kept up by its own creations and deletions. */
class Changes {
  readonly #server: FakeKubernetes;
  readonly #random: Random;
  readonly #now: () => number;
  readonly #pods: Name[];
  readonly #deployments: Name[];
  readonly #nodes: Name[];

  constructor(server: FakeKubernetes, random: Random, now: () => number) {
    this.#server = server;
    this.#random = random;
    this.#now = now;
    this.#pods = server.names("pods");
    this.#deployments = server.names("deployments");
    this.#nodes = server.names("nodes");
  }

  next(): void {
    const luck = this.#random.next();
    if (luck < 0.4) this.#toggleReadiness();
    else if (luck < 0.6) this.#crash();
    else if (luck < 0.9) this.#replacePod();
    else if (luck < 0.99) this.#rollDeployment();
    else this.#flapNode();
  }

  #toggleReadiness(): void {
    this.#changePod((pod) => {
      const conditions = at(pod, "status", "conditions");
      const flipped = (Array.isArray(conditions) ? conditions : []).map((condition: unknown) =>
        at(condition, "type") === "Ready"
          ? {
              ...Object(condition),
              status: at(condition, "status") === "True" ? "False" : "True",
              lastTransitionTime: this.#time(),
            }
          : condition,
      );
      return { status: { conditions: flipped } };
    });
  }

  #crash(): void {
    this.#changePod((pod) => {
      const statuses = at(pod, "status", "containerStatuses");
      if (!Array.isArray(statuses)) return undefined;
      const [first, ...others] = statuses as unknown[];
      const finished = {
        exitCode: 137,
        reason: "OOMKilled",
        startedAt: at(first, "state", "running", "startedAt") ?? this.#time(),
        finishedAt: this.#time(),
      };
      const restarted = {
        ...Object(first),
        restartCount: Number(at(first, "restartCount") ?? 0) + 1,
        state: { running: { startedAt: this.#time() } },
        lastState: { terminated: finished },
      };
      return { status: { containerStatuses: [restarted, ...others] } };
    });
  }

  /** Deletes a pod and creates its successor under another name, as a ReplicaSet does. */
  #replacePod(): void {
    const index = this.#random.below(this.#pods.length);
    const name = this.#pods[index];
    const pod = name === undefined ? undefined : this.#server.get("pods", name);
    if (name === undefined || pod === undefined) return;
    this.#server.delete("pods", name);
    const metadata = { ...pod.metadata, creationTimestamp: this.#time() };
    delete metadata.name;
    delete metadata.resourceVersion;
    metadata.uid = this.#random.uuid();
    const prefix = metadata.generateName ?? "pod-";
    const successor = this.#server.create("pods", {
      ...pod,
      metadata: { ...metadata, name: `${prefix}${this.#random.suffix(5)}` },
    });
    this.#pods[index] = { namespace: name.namespace, name: successor.metadata?.name ?? "" };
  }

  #rollDeployment(): void {
    const name = this.#deployments[this.#random.below(this.#deployments.length)];
    const deployment = name === undefined ? undefined : this.#server.get("deployments", name);
    if (name === undefined || deployment === undefined) return;
    const generation = (deployment.metadata?.generation ?? 0) + 1;
    const replicas = Number(at(deployment, "spec", "replicas") ?? 1);
    const unavailable = this.#random.below(2);
    this.#server.patch("deployments", name, {
      metadata: { generation },
      status: {
        observedGeneration: generation,
        updatedReplicas: this.#random.below(replicas + 1),
        availableReplicas: replicas - unavailable,
        unavailableReplicas: unavailable === 0 ? null : unavailable,
      },
    });
  }

  #flapNode(): void {
    const index = this.#random.below(this.#nodes.length);
    const name = this.#nodes[index];
    const node = name === undefined ? undefined : this.#server.get("nodes", name);
    if (name === undefined || node === undefined) return;
    const down = at(node, "spec", "taints") !== undefined;
    const { spec, status } = makeNode(index, down);
    this.#server.update("nodes", { ...node, spec, status });
  }

  #changePod(patchOf: (pod: KubernetesObject) => unknown): void {
    const name = this.#pods[this.#random.below(this.#pods.length)];
    const pod = name === undefined ? undefined : this.#server.get("pods", name);
    if (name === undefined || pod === undefined) return;
    const patch = patchOf(pod);
    if (patch !== undefined) this.#server.patch("pods", name, patch);
  }

  #time(): string {
    return time(Math.floor(this.#now() / 1000));
  }
}
