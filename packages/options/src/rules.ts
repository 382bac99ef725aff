import type { RunCommand } from "./commands.ts";
import { compileEcmaScript, compileRe2 } from "./metric-filter.ts";
import type { FlagValues } from "./flag-groups.ts";
import type { AllowMap } from "./flags/row.ts";
import { Invalid } from "./invalid.ts";
import { nearest } from "./nearest.ts";
import type { Findings, Settings } from "./settings.ts";

type Key = keyof FlagValues;

/** What the rules need to know besides the values. */
interface RuleContext {
  readonly knownResources: readonly string[];
  /** How the setting was written: `--port=1`. */
  readonly shown: (key: Key) => string;
  readonly isGiven: (key: Key) => boolean;
}

/** A rule about values that were read; it is skipped while one of the values it is about could not be read. */
interface Rule {
  readonly about: readonly Key[];
  /** Left out for all. */
  readonly command?: RunCommand;
  readonly problems?: (values: FlagValues, context: RuleContext) => readonly string[];
  readonly warnings?: (values: FlagValues, context: RuleContext) => readonly string[];
}

/** A list of everything takes the API server a second for some 10,000 objects. */
const leastCensusMs = 60_000;

const isAutosharded = (values: FlagValues): boolean =>
  values.pod !== "" && values.podNamespace !== "";

const rules: readonly Rule[] = [
  {
    about: ["resources"],
    problems: (values, context) =>
      values.customResourceStateOnly
        ? []
        : values.resources
            .filter((name) => !context.knownResources.includes(name))
            .map((name) => `${context.shown("resources")}: ${unknownResource(name, context)}`),
    warnings: (values, { shown }) =>
      values.customResourceStateOnly && values.resources.length > 0
        ? [`${shown("resources")} is ignored with ${shown("customResourceStateOnly")}`]
        : [],
  },
  {
    about: ["metricLabelsAllowlist"],
    problems: (values, context) =>
      unknownInMap(values.metricLabelsAllowlist, "metricLabelsAllowlist", context),
  },
  {
    about: ["metricAnnotationsAllowlist"],
    problems: (values, context) =>
      unknownInMap(values.metricAnnotationsAllowlist, "metricAnnotationsAllowlist", context),
  },
  {
    about: ["metricAllowlist", "metricDenylist"],
    problems: (values, { shown }) =>
      values.metricAllowlist.length > 0 && values.metricDenylist.length > 0
        ? [
            `${shown("metricAllowlist")} contradicts ${shown("metricDenylist")}: only one may be set`,
          ]
        : [],
  },
  ...(["metricAllowlist", "metricDenylist", "metricOptInList"] as const).map((key): Rule => ({
    about: [key],
    problems: (values, { shown }) => {
      const isOptIn = key === "metricOptInList";
      return values[key].flatMap((item) => {
        const compiled = isOptIn ? compileRe2(item) : compileEcmaScript(item);
        const dialect = isOptIn ? "an RE2" : "an ECMAScript";
        return compiled instanceof Invalid
          ? [`${shown(key)}: "${item}" is not ${dialect} regular expression: ${compiled.reason}`]
          : [];
      });
    },
  })),
  {
    about: ["node", "resources"],
    // kube-state-metrics has this rule; with no resources named it lets --node pass, so that is a warning.
    problems: (values, { shown }) =>
      isNodeUsed(values) && values.resources.some((name) => name !== "pods")
        ? [`${shown("node")} contradicts ${shown("resources")}: pods alone can be selected by node`]
        : [],
    warnings: (values, { shown }) =>
      isNodeUsed(values) && values.resources.length === 0 && !values.customResourceStateOnly
        ? [`${shown("node")} works for pods only: add --resources=pods`]
        : [],
  },
  {
    about: ["node", "trackUnscheduledPods"],
    warnings: (values, { shown }) =>
      values.node !== "" && values.trackUnscheduledPods
        ? [`${shown("node")} is ignored with ${shown("trackUnscheduledPods")}`]
        : [],
  },
  {
    about: ["trackUnscheduledPods", "resources"],
    warnings: (values, { shown }) =>
      values.trackUnscheduledPods && values.resources.join() !== "pods"
        ? [`${shown("trackUnscheduledPods")} works for pods only: use --resources=pods`]
        : [],
  },
  {
    about: ["namespaces", "namespacesDenylist"],
    warnings: (values, { shown }) => {
      const twice = values.namespaces.filter((name, at, all) => all.indexOf(name) !== at);
      const isEmpty =
        values.namespaces.length > 0 &&
        values.namespaces.every((name) => values.namespacesDenylist.includes(name));
      return [
        ...new Set(twice.map((name) => `${shown("namespaces")} names ${name} more than once`)),
        ...(isEmpty
          ? [`${shown("namespacesDenylist")} leaves nothing of ${shown("namespaces")}`]
          : []),
      ];
    },
  },
  {
    about: ["shard", "totalShards"],
    problems: (values, { shown }) => {
      if (isAutosharded(values)) return [];
      if (values.totalShards < 1) return [`${shown("totalShards")}: at least 1 shard is needed`];
      return values.shard < 0 || values.shard >= values.totalShards
        ? [
            `${shown("shard")} is outside ${shown("totalShards")}: shards count from 0 to ${values.totalShards - 1}`,
          ]
        : [];
    },
  },
  {
    about: ["pod", "podNamespace", "shard", "totalShards"],
    warnings: (values, { shown, isGiven }) => {
      const given = (["shard", "totalShards"] as const).filter(isGiven);
      if (isAutosharded(values))
        return given.map((key) => `${shown(key)} is ignored with ${shown("pod")}`);
      if (values.pod !== "")
        return [`${shown("pod")} has no effect without --pod-namespace: sharding is not automatic`];
      return values.podNamespace === ""
        ? []
        : [`${shown("podNamespace")} has no effect without --pod: sharding is not automatic`];
    },
  },
  {
    about: ["census"],
    problems: ({ census }, { shown }) =>
      census === 0 || census >= leastCensusMs
        ? []
        : [`${shown("census")}: 0s for none, or at least 1m between two lists of everything`],
  },
  {
    about: ["objectLimit", "node"],
    // kube-state-metrics refuses a negative limit only together with --node.
    problems: (values, { shown }) =>
      values.objectLimit < 0 && values.node !== ""
        ? [`${shown("objectLimit")}: a limit of 0 (none) or more is needed`]
        : [],
    warnings: (values, { shown }) =>
      values.objectLimit < 0 && values.node === ""
        ? [`${shown("objectLimit")} is taken as 0, no limit`]
        : [],
  },
  {
    about: ["port", "telemetryPort", "host", "telemetryHost"],
    problems: (values, { shown }) =>
      values.port === values.telemetryPort && values.port !== 0 && doHostsMeet(values)
        ? [`${shown("port")} contradicts ${shown("telemetryPort")}: two servers need two ports`]
        : [],
  },
  {
    about: ["autoGomemlimit", "autoGomemlimitRatio"],
    problems: (values, { shown }) =>
      values.autoGomemlimit && !(values.autoGomemlimitRatio > 0 && values.autoGomemlimitRatio <= 1)
        ? [`${shown("autoGomemlimitRatio")}: a share above 0 and up to 1 is needed`]
        : [],
  },
  {
    about: [
      "customResourceStateOnly",
      "customResourceStateConfig",
      "customResourceStateConfigFile",
    ],
    warnings: (values, { shown }) =>
      values.customResourceStateOnly &&
      values.customResourceStateConfig === "" &&
      values.customResourceStateConfigFile === ""
        ? [
            `${shown("customResourceStateOnly")} exposes nothing without --custom-resource-state-config-file`,
          ]
        : [],
  },
  {
    about: ["filename"],
    command: "render",
    problems: (values) =>
      values.filename.length === 0
        ? ["--filename is missing: render needs a file, a directory, or - for standard input"]
        : [],
  },
];

/** Applies every rule of the command and adds what it finds. */
export function applyRules(
  values: FlagValues,
  from: { command: RunCommand; settings: Settings; knownResources: readonly string[] },
  findings: Findings,
): void {
  const { command, settings, knownResources } = from;
  const context: RuleContext = {
    knownResources,
    shown: (key) => settings.get(key)?.shown ?? key,
    isGiven: (key) => settings.get(key)?.source !== "default",
  };
  for (const rule of rules) {
    if (rule.command !== undefined && rule.command !== command) continue;
    if (rule.about.some((key) => settings.get(key)?.broken === true)) continue;
    findings.problems.push(...(rule.problems?.(values, context) ?? []));
    findings.warnings.push(...(rule.warnings?.(values, context) ?? []));
  }
}

function isNodeUsed(values: FlagValues): boolean {
  return values.node !== "" && !values.trackUnscheduledPods;
}

function doHostsMeet({ host, telemetryHost }: FlagValues): boolean {
  const everywhere = ["", "::", "0.0.0.0"];
  return host === telemetryHost || everywhere.includes(host) || everywhere.includes(telemetryHost);
}

function unknownInMap(
  map: AllowMap,
  key: "metricLabelsAllowlist" | "metricAnnotationsAllowlist",
  context: RuleContext,
): string[] {
  return Object.keys(map)
    .filter((name) => name !== "*" && !context.knownResources.includes(name))
    .map((name) => `${context.shown(key)}: ${unknownResource(name, context)}`);
}

function unknownResource(name: string, { knownResources }: RuleContext): string {
  const names = nearest(name, knownResources);
  return names.length > 0
    ? `there is no resource "${name}"; did you mean ${names.join(" or ")}?`
    : `there is no resource "${name}"; known are ${knownResources.join(", ")}`;
}
