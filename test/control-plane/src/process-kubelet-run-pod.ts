import { mkdir, rm } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ControlPlaneClient } from "./client.ts";
import { Daemon, type Exit } from "./daemon.ts";
import { BackOff } from "./process-kubelet-back-off.ts";
import { type ImageFolder, startContainer } from "./process-kubelet-container.ts";
import { connectPod, nodeAddress, serviceAddress } from "./process-kubelet-network.ts";
import {
  type Container,
  type PodObject,
  type Probe,
  environmentOf,
  expand,
  fieldOf,
  portOf,
} from "./process-kubelet-pod.ts";
import { runProbe } from "./process-kubelet-probe.ts";
import { project } from "./process-kubelet-volumes.ts";

export interface PodContext {
  readonly client: ControlPlaneClient;
  /** By image name without a tag. */
  readonly images: Readonly<Record<string, ImageFolder>>;
  /** For the pod's files. */
  readonly folder: string;
  /** Of 10.244.0.0/16, used by no other pod. */
  readonly address: string;
}

interface ContainerState {
  readonly container: Container;
  daemon: Daemon | undefined;
  ready: boolean;
  restarts: number;
  /** ISO dates. */
  startedAt: string;
  /** How it ended the last time. */
  last: (Exit & { readonly startedAt: string; readonly finishedAt: string }) | undefined;
}

/** One pod on a process kubelet: its network namespace, its containers' processes, its status. */
export class RunningPod {
  readonly pod: PodObject;
  readonly address: string;
  readonly #context: PodContext;
  readonly #states: readonly ContainerState[];
  readonly #field: (path: string) => string;
  readonly #startTime = new Date().toISOString();
  readonly #stopping = new AbortController();
  #pause: Daemon | undefined;
  #ended: Promise<void> | undefined;

  constructor(pod: PodObject, context: PodContext) {
    this.pod = pod;
    this.address = context.address;
    this.#context = context;
    this.#field = (path) => fieldOf(pod, { podIP: context.address, hostIP: nodeAddress }, path);
    this.#states = pod.spec.containers.map((container) => {
      const ready = container.readinessProbe === undefined;
      const startedAt = this.#startTime;
      return { container, daemon: undefined, ready, restarts: 0, startedAt, last: undefined };
    });
  }

  /** The process of a container, `undefined` while it is not running; without a name that of the first. */
  container(name?: string): Daemon | undefined {
    return this.#states.find(({ container }) => name === undefined || container.name === name)
      ?.daemon;
  }

  /** How often containers of it have been started again. */
  get restarts(): number {
    return this.#states.reduce((sum, { restarts }) => sum + restarts, 0);
  }

  /** Runs the containers, again and again, until the pod is ended. */
  async start(): Promise<void> {
    const { folder, address } = this.#context;
    await mkdir(folder, { recursive: true });
    // Holds the network while containers come and go.
    const script = "echo paused; exec sleep infinity";
    const args = ["--net", "sh", "-c", script];
    const name = `pause of ${this.pod.metadata.name}`;
    this.#pause = await Daemon.start({ name, command: "unshare", args }, [folder]);
    await this.#pause.line(/paused/);
    await connectPod(this.#pause.pid, address);
    const mounts = await this.#volumes();
    if (this.#stopping.signal.aborted) return;
    for (const state of this.#states) void this.#run(state, mounts);
  }

  /** SIGTERM to every container, SIGKILL after `graceSeconds`; settles when all have ended and the pod's files and network are gone. */
  end(graceSeconds: number): Promise<void> {
    this.#ended ??= (async () => {
      this.#stopping.abort();
      await Promise.all(this.#states.map(async ({ daemon }) => daemon?.stop(graceSeconds * 1_000)));
      await this.#pause?.stop(0);
      await rm(this.#context.folder, { recursive: true, force: true });
    })();
    return this.#ended;
  }

  /** Writes the status, if the pod is still there. */
  async report(): Promise<void> {
    const { name, namespace } = this.pod.metadata;
    const { client } = this.#context;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/status`;
    const contentType = "application/merge-patch+json";
    const body = { metadata: { uid: this.pod.metadata.uid }, status: this.#status() };
    const reply = await client.request(path, { method: "PATCH", contentType, body });
    if (reply.status > 299 && reply.status !== 404 && reply.status !== 409)
      console.error(`process kubelet: status of ${name}: ${reply.status}: ${reply.body}`);
  }

  async #run(state: ContainerState, mounts: ReadonlyMap<string, string>): Promise<void> {
    const { signal } = this.#stopping;
    const backOff = new BackOff();
    while (!signal.aborted) {
      const life = new AbortController();
      const daemon = await this.#startContainer(state.container, mounts);
      if (signal.aborted) {
        // The pod was ended meanwhile, and did not know of it.
        await daemon.stop(0);
        return;
      }
      state.daemon = daemon;
      const started = new Date();
      state.startedAt = started.toISOString();
      void this.report();
      this.#probe(state, life.signal);
      const exit = await daemon.exited;
      life.abort();
      if (signal.aborted) return;
      console.error(daemon.ended(`pod ${this.pod.metadata.name}`).message);
      const ended = new Date();
      state.daemon = undefined;
      state.ready = state.container.readinessProbe === undefined;
      state.last = { ...exit, startedAt: state.startedAt, finishedAt: ended.toISOString() };
      await this.report();
      const pause = backOff.delayMs(ended.getTime() - started.getTime());
      await delay(pause, undefined, { signal }).catch(() => undefined);
      state.restarts += 1;
    }
  }

  #startContainer(container: Container, mounts: ReadonlyMap<string, string>): Promise<Daemon> {
    const imageName = container.image.replace(/:[^:/]*$/, "");
    const image = this.#context.images[imageName];
    if (image === undefined) throw new Error(`no folder for the image ${container.image}`);
    const environment = environmentOf(container, this.#field);
    const { command = image.entrypoint, args = [] } = container;
    const paths = new Map(
      (container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
        const folder = mounts.get(name);
        return folder === undefined ? [] : [[mountPath, folder] as const];
      }),
    );
    return startContainer({
      name: `${this.pod.metadata.name}/${container.name}`,
      image,
      networkOf: this.#pause?.pid ?? 0,
      command: [...command, ...args].map((text) => expand(text, environment)),
      environment: {
        KUBERNETES_SERVICE_HOST: serviceAddress,
        KUBERNETES_SERVICE_PORT: "443",
        ...environment,
      },
      user: container.securityContext?.runAsUser ?? 0,
      mounts: paths,
    });
  }

  /** Readiness is probed as long as the process runs, also while it is ending. */
  #probe(state: ContainerState, signal: AbortSignal): void {
    const { readinessProbe, livenessProbe } = state.container;
    const run = (probe: Probe | undefined, onResult: (ok: boolean) => void): void => {
      if (probe?.httpGet === undefined) return;
      const { path = "/", port } = probe.httpGet;
      const url = `http://${this.address}:${portOf(state.container, port)}${path}`;
      void runProbe(url, { probe, onResult }, signal);
    };
    run(readinessProbe, (ready) => {
      if (state.ready === ready) return;
      state.ready = ready;
      void this.report();
    });
    run(livenessProbe, (alive) => {
      if (!alive) void state.daemon?.stop(5_000);
    });
  }

  async #volumes(): Promise<ReadonlyMap<string, string>> {
    const { client, folder } = this.#context;
    const made = new Map<string, string>();
    for (const { name, projected } of this.pod.spec.volumes ?? []) {
      if (projected === undefined) continue;
      const target = join(folder, name);
      await mkdir(target);
      const from = { client, pod: this.pod, field: this.#field };
      await project(projected.sources ?? [], target, from);
      made.set(name, target);
    }
    return made;
  }

  #status(): object {
    const ready = this.#states.every((state) => state.ready && state.daemon !== undefined);
    const conditions = [
      { type: "PodScheduled", status: "True" },
      { type: "Initialized", status: "True" },
      { type: "ContainersReady", status: ready ? "True" : "False" },
      { type: "Ready", status: ready ? "True" : "False" },
    ];
    return {
      phase: "Running",
      hostIP: nodeAddress,
      podIP: this.address,
      podIPs: [{ ip: this.address }],
      startTime: this.#startTime,
      conditions,
      containerStatuses: this.#states.map((state) => statusOf(state)),
    };
  }
}

/** As in `status.containerStatuses`. */
function statusOf({ container, daemon, ready, restarts, startedAt, last }: ContainerState): object {
  return {
    name: container.name,
    image: container.image,
    imageID: container.image,
    containerID: `process://${daemon?.pid ?? 0}`,
    ready: ready && daemon !== undefined,
    started: daemon !== undefined,
    restartCount: restarts,
    state:
      daemon === undefined
        ? { waiting: { reason: last === undefined ? "ContainerCreating" : "CrashLoopBackOff" } }
        : { running: { startedAt } },
    lastState: last === undefined ? {} : { terminated: terminationOf(last) },
  };
}

function terminationOf({ code, signal, ...times }: NonNullable<ContainerState["last"]>): object {
  // As a container engine says it: 128 and the number of the signal.
  const exitCode = signal === null ? (code ?? 0) : 128 + constants.signals[signal];
  return { ...times, exitCode, reason: exitCode === 0 ? "Completed" : "Error" };
}
