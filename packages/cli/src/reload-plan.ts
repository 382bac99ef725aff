import type { Options } from "@kube-state-mosaic/options";

type Key = keyof Options;

/** What decides which objects and families of each resource are exposed. */
const exposureKeys = [
  "namespaces",
  "namespacesDenylist",
  "node",
  "trackUnscheduledPods",
  "metricAllowlist",
  "metricDenylist",
  "metricOptInList",
  "metricLabelsAllowlist",
  "metricAnnotationsAllowlist",
] as const satisfies readonly Key[];

const resourceKeys = ["resources", "customResourceStateOnly"] as const satisfies readonly Key[];

const customResourceKeys = [
  "customResourceStateConfig",
  "customResourceStateConfigFile",
  "continueWithoutCustomResourceStateConfigFile",
] as const satisfies readonly Key[];

const logKeys = ["logLevel", "verbosity"] as const satisfies readonly Key[];

/** Of these, others follow and nothing else does. */
const silentKeys = ["metricFilter", "continueWithoutConfig"] as const satisfies readonly Key[];

const liveKeys: ReadonlySet<string> = new Set<Key>([
  ...exposureKeys,
  ...resourceKeys,
  ...customResourceKeys,
  ...logKeys,
  ...silentKeys,
]);

/** What has to be done for other options, each part only if it is concerned. */
export interface ReloadPlan {
  /** In force afterwards: what cannot change while running is as before. */
  readonly options: Options;
  /** Resources that come and that go, by name. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Objects or families of some resources may be others. */
  readonly exposure: boolean;
  readonly customResources: boolean;
  readonly logging: boolean;
  /** Flags whose new values are not used before a restart, as `--port`. */
  readonly needsRestart: readonly string[];
}

/** Compares the options in force with new ones, as values. */
export function planReload(before: Options, after: Options): ReloadPlan {
  const keys = (Object.keys(after) as Key[]).filter((key) => differs(before[key], after[key]));
  const concerns = (some: readonly Key[]): boolean => keys.some((key) => some.includes(key));
  const live = Object.entries(after).filter(([key]) => liveKeys.has(key));
  return {
    options: Object.freeze({ ...before, ...Object.fromEntries(live) }),
    added: after.resources.filter((name) => !before.resources.includes(name)),
    removed: before.resources.filter((name) => !after.resources.includes(name)),
    exposure: concerns(exposureKeys),
    customResources: concerns(customResourceKeys),
    logging: concerns(logKeys),
    needsRestart: keys.filter((key) => !liveKeys.has(key)).map(flagOf),
  };
}

/** Whether there is nothing to do. */
export function isEmpty(plan: ReloadPlan): boolean {
  const { added, removed, exposure, customResources, logging } = plan;
  return !(added.length > 0 || removed.length > 0 || exposure || customResources || logging);
}

/** Options are plain values but for the filter, which follows from the lists. */
function differs(left: unknown, right: unknown): boolean {
  if (typeof left === "function") return false;
  return JSON.stringify(left) !== JSON.stringify(right);
}

function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
