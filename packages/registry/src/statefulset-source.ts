import { messageOf } from "@kube-state-mosaic/errors";
import { systemClock, type ApiClient, type Clock } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { watchObjects } from "./object-watch.ts";
import { isNotFound, ownPod, permissionNeeded, podPath, type OwnPod, type Pod } from "./own-pod.ts";
import { pause, retryDelay } from "./pause.ts";
import { stateOf, type StatefulSet, type StatefulSetState } from "./statefulset-state.ts";

export interface StatefulSetSourceOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  /** Name of our own pod. */
  readonly pod: string;
  readonly clock?: Clock;
  /** Values in [0, 1). */
  readonly random?: () => number;
  readonly log?: Pick<Logger, "info" | "warn">;
}

/** What there is to know at a signal to stop. */
export interface Departure {
  /** Undefined if there is none of this name, or it could not be read in time. */
  readonly statefulSet: StatefulSetState | undefined;
  /** When the kubelet kills the pod, in Unix milliseconds; undefined if that is not known. */
  readonly killedAt: number | undefined;
}

const DEPARTURE_MS = 5_000;

/**
 * Finds the StatefulSet that controls our pod: the first owner that is a controlling StatefulSet of apps/v1. Whatever stands in
 * the way is logged, with the permission that is missing if it is one, and tried again in 1, 2, 4 … 30 s. Rejects only when aborted.
 */
export async function findStatefulSet(
  options: StatefulSetSourceOptions,
  signal: AbortSignal,
): Promise<StatefulSetSource> {
  const { client, namespace, pod, clock = systemClock, random = Math.random, log } = options;
  const said = new Set<string>();
  for (let failures = 1; ; failures++) {
    try {
      const own = await ownPod(client, { namespace, pod }, signal);
      log?.info("autosharding", { statefulset: own.statefulset, ordinal: own.ordinal });
      return new StatefulSetSource(options, own);
    } catch (error) {
      signal.throwIfAborted();
      const message = messageOf(error);
      if (!said.has(message)) log?.warn("own StatefulSet not found yet", { error: message });
      said.add(message);
      await pause(clock, retryDelay(failures, random), signal);
      signal.throwIfAborted();
    }
  }
}

/** The StatefulSet that our pod belongs to: where the wish for a number of shards comes from. */
export class StatefulSetSource {
  readonly own: OwnPod;
  readonly #options: StatefulSetSourceOptions;
  readonly #clock: Clock;
  readonly #path: string;

  constructor(options: StatefulSetSourceOptions, own: OwnPod) {
    this.own = own;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#path = `/apis/apps/v1/namespaces/${options.namespace}/statefulsets`;
  }

  /** A consistent read; undefined if there is none of this name. Throws `STATEFULSET_FORBIDDEN`, or what kept the answer away. */
  async read(signal?: AbortSignal): Promise<StatefulSetState | undefined> {
    const { client, namespace } = this.#options;
    try {
      const path = `${this.#path}/${this.own.statefulset}`;
      return stateOf(await client.getJson<StatefulSet>(path, {}, signal));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw permissionNeeded(error, { verbs: "get", resource: "statefulsets", namespace });
    }
  }

  /**
   * Calls with the present state, with each change of it, and with undefined while there is no StatefulSet of this name,
   * until aborted. A watch may lag: `read` before anything is decided for good.
   */
  watch(onChange: (state: StatefulSetState | undefined) => void, signal: AbortSignal): void {
    const { client, namespace, random = Math.random, log } = this.#options;
    let last: string | undefined;
    const said = new Set<string>();
    const tell = (object: StatefulSet | undefined): void => {
      const state = object && stateOf(object);
      // Status changes with every pod: only what the state holds is news.
      const key = JSON.stringify(state ?? null);
      if (key === last) return;
      last = key;
      onChange(state);
    };
    void watchObjects<StatefulSet>(
      {
        client,
        path: this.#path,
        query: { fieldSelector: `metadata.name=${this.own.statefulset}` },
        clock: this.#clock,
        random,
        onList: (objects) => tell(objects[0]),
        onEvent: (type, object) => tell(type === "DELETED" ? undefined : object),
        onAlive: () => said.clear(),
        onFailure: (cause) => {
          const need = { verbs: "list and watch", resource: "statefulsets", namespace } as const;
          const error = messageOf(permissionNeeded(cause, need));
          if (!said.has(error)) log?.warn("own StatefulSet is not watched; tried again", { error });
          said.add(error);
        },
      },
      signal,
    );
  }

  /** The UID of the pod that the API knows under our pod's name, undefined if none; for taking an identity over. */
  async podUid(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#pod(signal))?.metadata.uid;
  }

  /** For a signal to stop: consistent reads of what is wanted and of our pod. Answers within 5 s, with what is known by then. */
  async departure(): Promise<Departure> {
    const limit = new AbortController();
    const late = new Error("the API server did not answer within 5 s");
    const cancel = this.#clock.after(DEPARTURE_MS, () => limit.abort(late));
    try {
      const [statefulSet, pod] = await Promise.all([
        this.read(limit.signal),
        this.#pod(limit.signal).catch(() => undefined),
      ]);
      // The timestamp is that of the deletion plus the grace period.
      const killedAt = Date.parse(pod?.metadata.deletionTimestamp ?? "");
      return { statefulSet, killedAt: Number.isNaN(killedAt) ? undefined : killedAt };
    } catch (error) {
      this.#options.log?.warn("cannot tell whether this pod is leaving: taken for a restart", {
        error: messageOf(error),
      });
      return { statefulSet: undefined, killedAt: undefined };
    } finally {
      cancel();
    }
  }

  async #pod(signal?: AbortSignal): Promise<Pod | undefined> {
    const { client, namespace, pod } = this.#options;
    try {
      return await client.getJson<Pod>(podPath(namespace, pod), {}, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw permissionNeeded(error, { verbs: "get", resource: "pods", namespace });
    }
  }
}
