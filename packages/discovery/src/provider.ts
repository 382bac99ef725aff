import { ExporterError } from "@kube-state-mosaic/errors";
import type { KubernetesConfig } from "./kubernetes-config.ts";
import { runRole, type RoleRunner, type RoleRunnerOptions } from "./role-runner.ts";
import { sameGroup, type TargetGroup } from "./target-group.ts";
import type { ClusterAccess, Watches } from "./watches.ts";

export interface ProviderOptions extends Omit<RoleRunnerOptions, "scope" | "send" | "onComplete"> {
  readonly name: string;
  readonly config: KubernetesConfig;
  readonly cluster: ClusterAccess;
  /** Of the pod this process runs in, for `own_namespace`. Throws when it cannot be known. */
  readonly ownNamespace: () => string;
  /** Called for every group received, deletions too; `changed` says whether it differs from what was there. */
  readonly onGroup: (group: TargetGroup, changed: boolean) => void;
  readonly onComplete: () => void;
}

/** One running configuration: its groups by source, shared by all jobs that have it. */
export class Provider {
  readonly name: string;
  readonly config: KubernetesConfig;
  readonly cluster: ClusterAccess;
  readonly #runners: readonly RoleRunner[];
  readonly #groups = new Map<string, TargetGroup>();
  readonly #onGroup: ProviderOptions["onGroup"];
  #sorted: readonly TargetGroup[] | undefined;

  /** Starts it. Throws `OWN_NAMESPACE_UNKNOWN`. */
  constructor(watches: Watches, options: ProviderOptions) {
    const { config, cluster, onComplete } = options;
    this.name = options.name;
    this.config = config;
    this.cluster = cluster;
    this.#onGroup = options.onGroup;
    this.#runners = namespacesOf(options).map((namespace) =>
      runRole(watches, {
        ...options,
        scope: {
          role: config.role,
          cluster,
          namespace,
          selectors: config.selectors,
          attach: config.attach,
        },
        send: (group) => this.#take(group),
        onComplete: () => {
          if (this.complete) onComplete();
        },
      }),
    );
  }

  /** Every namespace has sent its first complete set. */
  get complete(): boolean {
    return this.#runners.every(({ complete }) => complete);
  }

  /** Nothing is waiting to be turned into a group. */
  get idle(): boolean {
    return this.#runners.every(({ idle }) => idle);
  }

  get queued(): number {
    return this.#runners.reduce((sum, { queued }) => sum + queued, 0);
  }

  /** How the watches are doing that it waits for. */
  get watches(): RoleRunner["watches"] {
    return this.#runners.flatMap((runner) => runner.watches);
  }

  /** What it waits for, or what fails at present: `pods: <why>`. */
  get problems(): { readonly text: string; readonly refused: boolean }[] {
    return this.watches.flatMap(({ label, state: { synced, lastError, httpStatus } }) => {
      if (lastError === undefined)
        return synced ? [] : [{ text: `${label}: not listed yet`, refused: false }];
      return [
        { text: `${label}: ${lastError}`, refused: httpStatus === 403 || httpStatus === 404 },
      ];
    });
  }

  /** Ascending by source; the same array as long as nothing has changed. */
  get groups(): readonly TargetGroup[] {
    this.#sorted ??= [...this.#groups.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
    return this.#sorted;
  }

  stop(): void {
    for (const runner of this.#runners) runner.stop();
  }

  #take(group: TargetGroup): void {
    const { source } = group;
    const before = this.#groups.get(source);
    let changed: boolean;
    if (group.targets.length === 0) changed = this.#groups.delete(source);
    else {
      changed = before === undefined || !sameGroup(before, group);
      // An equal group is not exchanged: what was made of the old one stays good.
      if (changed) this.#groups.set(source, group);
    }
    if (changed) this.#sorted = undefined;
    this.#onGroup(group, changed);
  }
}

/** Undefined: all. Names that stand twice are watched twice, as in the reference; the watches are shared. */
function namespacesOf({ config, ownNamespace }: ProviderOptions): readonly (string | undefined)[] {
  const { own, names } = config.namespaces;
  if (config.role === "node" || (!own && names.length === 0)) return [undefined];
  if (!own) return names;
  const namespace = ownNamespace();
  if (namespace === "")
    throw new ExporterError("OWN_NAMESPACE_UNKNOWN", "the namespace of this pod is not known");
  return [...names, namespace];
}
