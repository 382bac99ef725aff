import { messageOf } from "@kube-state-mosaic/errors";
import { Slices, systemClock, type ApiClient, type Clock } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { Job } from "./configuration.ts";
import type { KubernetesConfig } from "./kubernetes-config.ts";
import type { DiscoveryMetrics } from "./metrics.ts";
import { Provider } from "./provider.ts";
import { roleNames } from "./role-rules.ts";
import type { TargetGroup } from "./target-group.ts";
import { Updates } from "./updates.ts";
import { Watches, type ClusterAccess } from "./watches.ts";

export interface DiscoveryOptions {
  /** Makes the client of a configuration's API server; discovery closes it. A rejection fails the configuration. */
  readonly connect: (config: KubernetesConfig) => Promise<ApiClient>;
  readonly logger: Logger;
  readonly metrics?: DiscoveryMetrics;
  /** Default: throws. */
  readonly ownNamespace?: () => string;
  readonly clock?: Clock;
  /** Values in [0, 1). */
  readonly random?: () => number;
  /** Upper bound of the random delay before the first request, in milliseconds; default 0. */
  readonly startJitterMs?: number;
}

/** What is known of one job. */
export interface JobState {
  readonly job: Job;
  /** Ascending by source inside each configuration. */
  readonly groups: readonly TargetGroup[];
  /** All its configurations that could be set up have sent their first complete set. Until then the groups are not all there. */
  readonly complete: boolean;
  /** Why it is not complete, and what fails at present, one line each. */
  readonly problems: readonly string[];
  /** It cannot become complete without somebody's help: permissions are missing, or nothing of it could be set up. */
  readonly stuck: boolean;
}

/** The complete state, by job name. */
export type DiscoveryState = ReadonlyMap<string, JobState>;

interface Subscription {
  readonly job: Job;
  readonly providers: readonly Provider[];
  readonly failures: readonly string[];
}

/**
 * Runs the discovery of several jobs. Equal configurations run once, all watches are shared, and applying a new configuration
 * touches only what differs. The receiver is told the complete state after changes, coalesced, never while it is busy.
 */
export class Discovery implements AsyncDisposable {
  readonly #options: DiscoveryOptions;
  readonly #clock: Clock;
  readonly #slices: Slices;
  readonly #watches: Watches;
  readonly #updates: Updates;
  readonly #clients = new Map<string, Promise<ApiClient>>();
  #receive: ((state: DiscoveryState) => Promise<void> | void) | undefined;
  #busy = false;
  #providers: Provider[] = [];
  #registered = 0;
  #subscriptions: readonly Subscription[] = [];
  #applying: Promise<void> = Promise.resolve();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#slices = new Slices(this.#clock);
    this.#watches = new Watches({
      clock: this.#clock,
      slices: this.#slices,
      logger: options.logger,
      metrics: options.metrics,
      startJitterMs: options.startJitterMs ?? 0,
      random: options.random ?? Math.random,
    });
    this.#updates = new Updates({
      offer: () => this.#offer(),
      clock: this.#clock,
      random: options.random ?? Math.random,
    });
  }

  /** Begins to tell the receiver; it is not told again before its promise has settled. */
  start(receive: (state: DiscoveryState) => Promise<void> | void): void {
    this.#receive = receive;
    this.#updates.start();
  }

  /** Replaces the jobs. A configuration that cannot be set up is logged and counted, and holds up no other. */
  apply(jobs: readonly Job[]): Promise<void> {
    // What went wrong with earlier jobs was told to who applied them.
    this.#applying = this.#applying.catch(() => undefined).then(() => this.#replace(jobs));
    return this.#applying;
  }

  /** The state at this moment, without waiting for anything. */
  state(): DiscoveryState {
    return new Map(
      this.#subscriptions.map((subscription) => [subscription.job.name, stateOf(subscription)]),
    );
  }

  /** Nothing is waiting to be turned into a group, but for what configurations that are not complete wait for. */
  get idle(): boolean {
    return this.#providers.every(({ complete, idle }) => idle || !complete);
  }

  /** Sets the metrics that are known by looking. */
  measure(): void {
    const { metrics } = this.#options;
    if (metrics === undefined) return;
    for (const role of roleNames) {
      const ofRole = this.#providers.filter(({ config }) => config.role === role);
      const depth = ofRole.reduce((sum, { queued }) => sum + queued, 0);
      metrics.queueDepth.set(depth, { queue_name: role });
    }
    metrics.watches.clear();
    metrics.objects.clear();
    for (const [resource, { watches, objects }] of this.#watches.count()) {
      metrics.watches.set(watches, { resource });
      metrics.objects.set(objects, { resource });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#applying.catch(() => undefined);
    this.#updates.stop();
    for (const provider of this.#providers) provider.stop();
    this.#providers = [];
    await this.#closeClients(new Set());
  }

  async #replace(jobs: readonly Job[]): Promise<void> {
    const { logger, metrics } = this.#options;
    const before = new Map(this.#providers.map((provider) => [keyOf(provider.config), provider]));
    const now = new Map<string, Provider | string>();
    const subscriptions: Subscription[] = [];
    for (const job of jobs) {
      const keys = [...new Set(job.configs.map(keyOf))];
      for (const [index, key] of keys.entries()) {
        const config = job.configs.find((candidate) => keyOf(candidate) === key);
        if (config === undefined || now.has(key)) continue;
        const provider = before.get(key) ?? (await this.#create(config));
        now.set(key, provider);
        if (typeof provider === "string")
          logger.error("a discovery configuration cannot be set up and is left out", {
            job: job.name,
            configuration: index,
            reason: provider,
          });
      }
      const results = keys.map((key) => now.get(key));
      subscriptions.push({
        job,
        providers: results.filter((result) => result instanceof Provider),
        failures: results.filter((result) => typeof result === "string"),
      });
    }
    const kept = new Set([...now.values()].filter((result) => result instanceof Provider));
    for (const provider of this.#providers) if (!kept.has(provider)) provider.stop();
    this.#forget(jobs);
    this.#providers = [...kept];
    this.#subscriptions = subscriptions;
    metrics?.failedConfigs.set(
      subscriptions.reduce((sum, { failures }) => sum + failures.length, 0),
    );
    await this.#closeClients(new Set(this.#providers.map(({ cluster }) => cluster.key)));
    this.#updates.trigger();
  }

  /** A running provider, or why there is none. */
  async #create(config: KubernetesConfig): Promise<Provider | string> {
    const { logger, metrics, ownNamespace } = this.#options;
    try {
      return new Provider(this.#watches, {
        name: `kubernetes/${this.#registered++}`,
        config,
        cluster: await this.#cluster(config),
        ownNamespace:
          ownNamespace ??
          (() => {
            throw new Error("this process has no namespace of its own");
          }),
        clock: this.#clock,
        slices: this.#slices,
        logger,
        metrics,
        onGroup: (_, changed) => {
          metrics?.receivedUpdates.add(1);
          if (changed) this.#updates.trigger();
        },
        onComplete: () => this.#updates.trigger(),
      });
    } catch (error) {
      return messageOf(error);
    }
  }

  async #cluster(config: KubernetesConfig): Promise<ClusterAccess> {
    const { apiServer, kubeconfigFile, http } = config;
    const key = JSON.stringify([apiServer, kubeconfigFile, http]);
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = this.#options.connect(config);
      this.#clients.set(key, client);
      client.catch(() => this.#clients.delete(key));
    }
    return { key, client: await client };
  }

  async #closeClients(used: ReadonlySet<string>): Promise<void> {
    for (const [key, client] of this.#clients) {
      if (used.has(key)) continue;
      this.#clients.delete(key);
      await (await client).close();
    }
  }

  /** Ends the series of jobs that are no more. */
  #forget(jobs: readonly Job[]): void {
    const { metrics } = this.#options;
    const names = new Set(jobs.map(({ name }) => name));
    for (const { job } of this.#subscriptions)
      if (!names.has(job.name)) {
        metrics?.discoveredTargets.remove({ config: job.name });
        metrics?.lastUpdate.remove({ config: job.name });
      }
  }

  #offer(): boolean {
    const { metrics, logger } = this.#options;
    metrics?.updates.add(1);
    const state = this.state();
    for (const [config, { groups }] of state) {
      const targets = groups.reduce((sum, group) => sum + group.targets.length, 0);
      metrics?.discoveredTargets.set(targets, { config });
      metrics?.lastUpdate.set(this.#clock.wall() / 1000, { config });
    }
    if (this.#busy) {
      metrics?.updatesDelayed.add(1);
      return false;
    }
    this.#busy = true;
    Promise.resolve()
      .then(() => this.#receive?.(state))
      .catch((error: unknown) =>
        logger.error("an update could not be published; the next one is tried", {
          error: messageOf(error),
        }),
      )
      .finally(() => (this.#busy = false));
    return true;
  }
}

/** Equal for deeply equal configurations: all are made by one function, in one order of keys. */
function keyOf(config: KubernetesConfig): string {
  return JSON.stringify(config);
}

function stateOf({ job, providers, failures }: Subscription): JobState {
  const problems = providers.flatMap((provider) => provider.problems);
  const nothing = providers.length === 0 && failures.length > 0;
  const complete = !nothing && providers.every((provider) => provider.complete);
  return {
    job,
    groups: providers.flatMap(({ groups }) => groups),
    complete,
    problems: [...failures, ...problems.map(({ text }) => text)],
    stuck: !complete && (nothing || problems.some(({ refused }) => refused)),
  };
}
