import { ExporterError } from "@kube-state-mosaic/errors";
import { dirname, resolve } from "node:path";
import { formatDuration, parseDuration } from "./duration.ts";
import { kubernetesConfig, type KubernetesConfig } from "./kubernetes-config.ts";
import { relabelRules, type NameScheme, type RelabelRule } from "./relabel-config.ts";
import {
  join,
  list,
  mapping,
  parseYaml,
  SettingProblem,
  text,
  type YamlMap,
  type YamlValue,
} from "./yaml-values.ts";

/** One scrape job: where its targets come from and what is done to them. */
export interface Job {
  readonly name: string;
  readonly configs: readonly KubernetesConfig[];
  readonly relabeling: readonly RelabelRule[];
  /** Labels that every target has before relabeling unless it brings them: `job`, `__scheme__`, `__metrics_path__`, … */
  readonly defaults: ReadonlyMap<string, string>;
}

const jobKeys = [
  "job_name",
  "kubernetes_sd_configs",
  "relabel_configs",
  "metrics_path",
  "scheme",
  "params",
  "scrape_interval",
  "scrape_timeout",
  "metric_name_validation_scheme",
];

/**
 * Reads a configuration: a `prometheus.yml`, of which only the jobs with `kubernetes_sd_configs` count, or a file of our own
 * with `jobs:` in place of `scrape_configs:` and no other keys than are used. Throws `DISCOVERY_CONFIG_INVALID`, whose message
 * has a line for every job that is wrong: file, job, key and reason.
 */
export function parseConfiguration(content: string, file: string): readonly Job[] {
  const problems: string[] = [];
  const attempt = <T>(where: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      const key = error.key === "" ? "" : `${error.key}: `;
      problems.push(`${file}: ${where}${key}${error.message}`);
      return undefined;
    }
  };
  const jobs = attempt("", () => {
    const root = mapping(parseYaml(content), "");
    const own = root["jobs"] !== undefined;
    if (own) mapping(root, "", ["jobs", "global"]);
    else if (root["scrape_configs"] === undefined)
      throw new SettingProblem("scrape_configs", "is missing (or jobs, in a file of our own)");
    const global = mapping(root["global"], "global");
    const key = own ? "jobs" : "scrape_configs";
    return list(root[key], key).flatMap((entry, index) => {
      const name = jobName(entry) ?? `#${index + 1}`;
      const where = `job "${name}": `;
      const job = attempt(where, () =>
        readJob(entry, { own, global, directory: dirname(resolve(file)) }),
      );
      return job === undefined ? [] : [job];
    });
  });
  const names = new Set<string>();
  for (const { name } of jobs ?? []) {
    if (names.has(name)) problems.push(`${file}: job "${name}": job_name: there are two such jobs`);
    names.add(name);
  }
  if (problems.length > 0)
    throw new ExporterError("DISCOVERY_CONFIG_INVALID", problems.join("\n"), { context: { file } });
  return jobs ?? [];
}

function jobName(entry: YamlValue): string | undefined {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return undefined;
  const name = (entry as YamlMap)["job_name"];
  return typeof name === "string" ? name : undefined;
}

/** Undefined for a job of prometheus.yml that does not use Kubernetes. */
function readJob(
  entry: YamlValue,
  context: { own: boolean; global: YamlMap; directory: string },
): Job | undefined {
  const { own, global, directory } = context;
  const config = mapping(entry, "", own ? jobKeys : undefined);
  const name = text(config["job_name"], "job_name") ?? "";
  if (name === "") throw new SettingProblem("job_name", "is missing");
  const key = "kubernetes_sd_configs";
  if (!own && config[key] === undefined) return undefined;
  return {
    name,
    configs: list(config[key], key).map((value, index) =>
      kubernetesConfig(value, `${key}[${index}]`, directory),
    ),
    relabeling: relabelRules(
      config["relabel_configs"],
      "relabel_configs",
      schemeOf(config, global),
    ),
    defaults: defaultsOf(name, config, global),
  };
}

function schemeOf(config: YamlMap, global: YamlMap): NameScheme {
  const key = "metric_name_validation_scheme";
  const word = text(config[key], key) ?? text(global[key], join("global", key)) ?? "";
  if (word === "" || word === "utf8") return "utf8";
  if (word === "legacy") return "legacy";
  throw new SettingProblem(key, `"${word}" is neither utf8 nor legacy`);
}

function defaultsOf(name: string, config: YamlMap, global: YamlMap): Map<string, string> {
  const duration = (key: string): number | undefined => {
    const word = text(config[key], key) ?? text(global[key], join("global", key));
    if (word === undefined) return undefined;
    const ms = parseDuration(word);
    if (ms === undefined || ms === 0)
      throw new SettingProblem(key, `"${word}" is not a duration such as 1m30s`);
    return ms;
  };
  const interval = duration("scrape_interval") ?? 60_000;
  const timeout = duration("scrape_timeout") ?? Math.min(10_000, interval);
  const defaults = new Map([
    ["job", name],
    ["__scrape_interval__", formatDuration(interval)],
    ["__scrape_timeout__", formatDuration(timeout)],
    ["__metrics_path__", text(config["metrics_path"], "metrics_path") ?? "/metrics"],
    ["__scheme__", text(config["scheme"], "scheme") ?? "http"],
  ]);
  for (const [param, values] of Object.entries(mapping(config["params"], "params"))) {
    const at = join("params", param);
    const [first] = list(values, at);
    const value = text(first, at);
    if (value !== undefined) defaults.set(`__param_${param}`, value);
  }
  return defaults;
}
