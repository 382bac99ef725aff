import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { systemClock, type ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { findStatefulSet, leaseRole } from "@kube-state-mosaic/registry";
import {
  shardingMetrics,
  type Logger,
  type ReferenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { Autoshard, LayoutViews, Share, type Worker } from "@kube-state-mosaic/worker";
import { createHash } from "node:crypto";
import { networkInterfaces } from "node:os";
import { registryOf } from "./registry.ts";
import { build } from "./version.ts";

/** The hash of the first layout; later ones keep the hash of the one before. */
const layoutHash = "xxh64";

export interface AutoshardingContext {
  readonly telemetry: Telemetry;
  readonly reference: ReferenceMetrics;
  readonly logger: Logger;
}

/**
 * A worker whose share follows the replicas of its StatefulSet (`--pod`, `--pod-namespace`). Made before anything is known, so that
 * the ports can open; `start` then finds the StatefulSet and follows the registry.
 */
export class Autosharding {
  readonly share: Share;
  readonly views: LayoutViews;
  readonly #options: Options;
  readonly #context: AutoshardingContext;
  readonly #ordinal: string;
  #worker: Worker | undefined;
  #autoshard: Autoshard | undefined;

  /** Throws `POD_NAME_WITHOUT_ORDINAL`. */
  constructor(options: Options, context: AutoshardingContext) {
    this.#options = options;
    this.#context = context;
    this.#ordinal = ordinalOf(options.pod);
    this.share = new Share(this.#ordinal);
    this.views = new LayoutViews({
      ordinal: this.#ordinal,
      share: this.share,
      clock: systemClock,
      exposed: () => this.#worker?.exposed ?? [],
      running: () => this.#worker?.running ?? false,
      onUnknownEpoch: () => this.#autoshard?.refresh(),
      onUnsupported: ({ epoch, hash }) =>
        context.logger.error("this version cannot work with the hash of a layout", { epoch, hash }),
    });
  }

  /**
   * Follows the registry until aborted. Resolves when the first layout has been adopted, so that the worker may run, with what ends
   * with the registry connection and a function for SIGTERM.
   */
  async start(
    worker: Worker,
    { client, port, signal }: { client: ApiClient; port: number; signal: AbortSignal },
  ): Promise<{ readonly running: Promise<void>; readonly leave: () => Promise<void> }> {
    this.#worker = worker;
    const { pod, podNamespace: namespace } = this.#options;
    const { logger, telemetry, reference } = this.#context;
    const source = await findStatefulSet({ client, namespace, pod, log: logger }, signal);
    const { statefulset, uid, serviceAccount } = source.own;
    const metrics = shardingMetrics(telemetry);
    let owner: { name: string; uid: string } | undefined;
    const registry = registryOf(this.#options.registry, {
      client,
      namespace,
      statefulset,
      serviceAccount,
      identity: { ordinal: this.#ordinal, uid },
      owner: () => owner,
      ownPodUid: (stop) => source.podUid(stop),
      log: logger,
      observer: {
        onState: ({ up, mode }) => {
          if (mode === "uncoordinated")
            logger.warn(
              `Leases are forbidden: shards follow the StatefulSet each by itself, and a change of replicas can double samples for a while. Apply this Role: ${leaseRole({ namespace, statefulset, serviceAccount })}`,
            );
          else logger.info("registry", { mode, up });
        },
        onError: (error) => {
          // Said above, with the Role as it can be applied.
          if (error instanceof ExporterError && error.code === "REGISTRY_FORBIDDEN") return;
          logger.warn("the registry cannot be used; it is tried again", {
            reason: messageOf(error),
          });
        },
        onConflict: () => metrics.registryConflicts.add(1),
        onRegressed: ({ stored, known }) => {
          metrics.layoutRestored.add(1);
          logger.warn("the registry has lost a layout; it is written back", { stored, known });
        },
        onIdentityLost: (holder) => {
          logger.error("another pod has this pod's identity: ending", { holder });
          process.exit(1);
        },
      },
    });
    const autoshard = new Autoshard({
      ordinal: this.#ordinal,
      registry,
      source: {
        read: async (stop) => {
          const state = await source.read(stop);
          if (state !== undefined) owner = { name: state.name, uid: state.uid };
          return state;
        },
        watch: (onChange, stop) => source.watch(onChange, stop),
        departure: () => source.departure(),
      },
      views: this.views,
      clock: systemClock,
      hash: layoutHash,
      describe: {
        address: `http://${advertisedAddress(this.#options.advertiseAddress)}:${port}`,
        incarnation: worker.incarnation,
        image: build.version,
        config: configFingerprint(this.#options),
        supports: ["xxh64", "fnv1a64", "slots-v1", "layout-v1", "blocks-v1"],
      },
      logger,
      metrics,
      onShard: (shard, total) => {
        reference.setShard(shard, total);
        logger.info("shard in force", { shard, total });
      },
    });
    this.#autoshard = autoshard;
    telemetry.onCollect(() => autoshard.measure());
    const running = autoshard.run(signal);
    await Promise.race([autoshard.adopted, running]);
    return { running, leave: () => autoshard.leave() };
  }

  /** The layouts as JSON for people; says so while nothing is known. */
  describe(): object {
    return this.#autoshard?.describe() ?? { ordinal: this.#ordinal, waiting: "own StatefulSet" };
  }
}

function ordinalOf(pod: string): string {
  const ordinal = /-(0|[1-9][0-9]{0,9})$/.exec(pod)?.[1];
  if (ordinal !== undefined) return ordinal;
  throw new ExporterError(
    "POD_NAME_WITHOUT_ORDINAL",
    `--pod=${pod}: not the name of a StatefulSet's pod, which ends in a dash and its ordinal`,
  );
}

/** Where other pods reach this one: the flag, the downward API's POD_IP, or the first address that is not loopback. */
function advertisedAddress(flag: string): string {
  const address = flag || (process.env["POD_IP"] ?? "") || firstAddress();
  return address.includes(":") ? `[${address}]` : address;
}

function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal }) => !internal)?.address ?? "127.0.0.1";
}

/** Two workers with the same fingerprint expose the same samples of the same objects. */
function configFingerprint(options: Options): string {
  const { resources, namespaces, namespacesDenylist, node, trackUnscheduledPods } = options;
  const { metricAllowlist, metricDenylist, metricOptInList } = options;
  const { metricLabelsAllowlist, metricAnnotationsAllowlist } = options;
  const facts = JSON.stringify([
    build.version,
    [resources, namespaces, namespacesDenylist, node, trackUnscheduledPods],
    [metricAllowlist, metricDenylist, metricOptInList],
    [metricLabelsAllowlist, metricAnnotationsAllowlist],
  ]);
  return createHash("sha256").update(facts).digest("hex").slice(0, 12);
}
