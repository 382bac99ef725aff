import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import {
  fixedPlacement,
  fixedView,
  type Worker,
  type WorkerSettings,
} from "@kube-state-mosaic/worker";
import { Autosharding, type AutoshardingContext } from "./autosharding.ts";

interface RunContext {
  readonly client: ApiClient;
  /** Of the metrics server, as it is listening. */
  readonly port: number;
  /** Aborts at SIGTERM. */
  readonly signal: AbortSignal;
}

/** Which share of the cluster a worker has, and when it may run and end. */
export interface Sharding {
  readonly settings: Pick<WorkerSettings, "placement" | "views" | "startJitterMs">;
  /** What is to be told about layouts, where there are any. */
  readonly describe?: () => object;
  /** Calls `run` once the share is known; its signal aborts when the worker may end. */
  run(
    worker: Worker,
    run: (signal: AbortSignal) => Promise<unknown>,
    context: RunContext,
  ): Promise<void>;
}

/** Shards started together would all list at the same moment. */
const maxStartJitterMs = 2_000;

/** `--pod` and `--pod-namespace` turn automatic sharding on; without them it is `--shard` of `--total-shards`. */
export function shardingOf(options: Options, context: AutoshardingContext): Sharding {
  const { pod, podNamespace } = options;
  return pod !== "" && podNamespace !== "" ? automatic(options, context) : fixed(options);
}

function fixed({ shard, totalShards }: Options): Sharding {
  return {
    settings: {
      placement: fixedPlacement(jumpOwnership(shard, totalShards)),
      views: fixedView({ shard, totalShards, hash: "jump", epoch: 0 }),
      startJitterMs: Math.min(maxStartJitterMs, 250 * (totalShards - 1)),
    },
    run: async (_, run, { signal }) => void (await run(signal)),
  };
}

function automatic(options: Options, context: AutoshardingContext): Sharding {
  const autosharding = new Autosharding(options, context);
  const { share: placement, views } = autosharding;
  return {
    settings: { placement, views, startJitterMs: maxStartJitterMs },
    describe: () => autosharding.describe(),
    async run(worker, run, { client, port, signal }) {
      // Everything goes on after SIGTERM until the pod may go: a leaver serves until the others have what it has.
      const stopping = new AbortController();
      let leave: () => Promise<void> = async () => undefined;
      const stop = (): void => void leave().finally(() => stopping.abort());
      if (signal.aborted) return;
      signal.addEventListener("abort", stop, { once: true });
      const following = autosharding.start(worker, { client, port, signal: stopping.signal });
      const started = await following.catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error;
      });
      if (started === undefined || stopping.signal.aborted) return;
      leave = started.leave;
      await Promise.all([run(stopping.signal), started.running]);
    },
  };
}
