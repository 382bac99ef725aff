import { normalize } from "node:path";
import type { Resource } from "@kube-state-mosaic/metric-families";
import type { Options, ParsedOptions } from "@kube-state-mosaic/options";
import type { LogLevel } from "@kube-state-mosaic/telemetry";
import type { Worker } from "@kube-state-mosaic/worker";
import { customResourceFilesOf } from "./custom-resource-files.ts";
import type { ConfiguredCustomResources } from "./custom-resources.ts";
import { contentsNow, FileWatch, type FileContents } from "./file-watch.ts";
import { KubeconfigReload } from "./reload-kubeconfig.ts";
import type { ReplaceableCluster } from "./reload-cluster.ts";
import type { AdjustableLogger } from "./reload-logger.ts";
import { FileMetrics, type FileGauges } from "./reload-metrics.ts";
import { isEmpty, planReload, type ReloadPlan } from "./reload-plan.ts";
import { positioned } from "./reload-position.ts";
import { exposureSettings } from "./settings.ts";

/** Where options come from, to be read again. */
export interface OptionsSource {
  /** The same command line and environment with these files. */
  readonly parse: (readFile: (path: string) => string) => ParsedOptions;
  /** The files that the options in force were read from. */
  readonly read: FileContents;
}

export interface ReloadTargets {
  readonly worker: Worker;
  readonly customResources: ConfiguredCustomResources;
  readonly cluster: ReplaceableCluster;
  readonly logger: AdjustableLogger;
  readonly gauges: FileGauges;
  readonly resourceNamed: (name: string) => Resource<never> | undefined;
}

/** The files that a worker follows, as they are before it reads them; the config file as it was read. */
export function followedFiles(options: Options, { read }: OptionsSource): FileContents {
  const now = contentsNow(pathsOf(options));
  // What has been read and is no file now, as a pipe, cannot change.
  return new Map([...now].map(([path, content]) => [path, content && (read.get(path) ?? content)]));
}

/**
 * Follows the config file, the custom resource configuration and the kubeconfig of a worker. What a change does not concern goes on
 * untouched, what it concerns is built beside what is served, and what cannot be used changes nothing.
 */
export class Reload {
  readonly #source: OptionsSource;
  readonly #known: FileContents;
  readonly #targets: ReloadTargets;
  readonly #configMetrics: FileMetrics;
  readonly #kubeconfig: KubeconfigReload;
  readonly #fault = Promise.withResolvers<never>();
  #options: Options;
  #warnings: readonly string[] = [];
  #needsRestart = "";

  /** `known`: the files that `options` and the targets were made of. */
  constructor(
    options: Options,
    { source, known }: { source: OptionsSource; known: FileContents },
    targets: ReloadTargets,
  ) {
    const { cluster, logger, gauges } = targets;
    this.#options = options;
    this.#source = source;
    this.#known = known;
    this.#targets = targets;
    this.#fault.promise.catch(() => undefined);
    this.#configMetrics = new FileMetrics(gauges, "config");
    const metrics = new FileMetrics(gauges, "kubeconfig");
    this.#kubeconfig = new KubeconfigReload({ options, cluster, logger, metrics });
    const config = source.read.get(options.config);
    if (config !== undefined) this.#configMetrics.loaded(options.config, config);
    if (known.get(options.kubeconfig) !== undefined) metrics.loaded(options.kubeconfig);
  }

  /** Follows until aborted. Rejects on a broken invariant. */
  async run(signal: AbortSignal): Promise<void> {
    const watch = new FileWatch({
      paths: () => pathsOf(this.#options),
      known: this.#known,
      onChange: (contents, changed) => this.#take({ contents, changed, signal }),
    });
    await Promise.race([watch.run(signal), this.#fault.promise]);
  }

  #take({ contents, changed, signal }: Change): void {
    const { config, kubeconfig } = this.#options;
    const { customResources, logger } = this.#targets;
    for (const path of [config, kubeconfig])
      if (changed.includes(path) && contents.get(path) === undefined)
        logger.warn("a file is gone or cannot be read; what it said stays in force", {
          file: normalize(path),
        });
    const read = reader(contents);
    const text = changed.includes(config) ? contents.get(config) : undefined;
    const plan = text === undefined ? undefined : this.#planOf(text, read);
    if (plan !== undefined) this.#apply(plan);
    if (plan?.customResources) customResources.use(plan.options, reader(this.#all(contents)));
    else if (changed.some((path) => path !== config && path !== kubeconfig))
      customResources.changed(read);
    if (changed.includes(kubeconfig) && contents.get(kubeconfig) !== undefined)
      this.#kubeconfig.changed(signal).catch(this.#fault.reject);
  }

  #planOf(content: Buffer, read: (path: string) => Buffer): ReloadPlan | undefined {
    const { logger } = this.#targets;
    const path = this.#options.config;
    const parsed = this.#source.parse((name) => read(name).toString("utf8"));
    if (parsed.kind !== "run") {
      const problems = "problems" in parsed ? parsed.problems : [];
      const text = content.toString("utf8");
      this.#configMetrics.failed(path);
      logger.error("the changed config file is not used; the one before stays in force", {
        error: problems.map((problem) => positioned(problem, { path, text })).join("; "),
      });
      return undefined;
    }
    this.#configMetrics.loaded(path, content);
    for (const warning of parsed.warnings)
      if (!this.#warnings.includes(warning)) logger.warn("configuration", { warning });
    this.#warnings = parsed.warnings;
    return planReload(this.#options, parsed.options);
  }

  #apply(plan: ReloadPlan): void {
    const { worker, customResources, logger, resourceNamed } = this.#targets;
    const { options, added, removed, needsRestart } = plan;
    this.#options = options;
    if (plan.logging) {
      // The option's parser accepts these words only.
      logger.setLevel(options.logLevel as LogLevel);
      customResources.setVerbosity(options);
    }
    for (const name of removed) void worker.remove(name);
    const rebuilt = plan.exposure ? worker.reconfigure(exposureSettings(options)) : [];
    for (const name of added) {
      const resource = resourceNamed(name);
      if (resource !== undefined) worker.addBeside(resource);
    }
    const file = normalize(options.config);
    if (isEmpty(plan))
      logger.info("the changed config file changes nothing that is running", { file });
    else
      logger.info("the changed config file is in use", {
        file,
        added: listed(added),
        removed: listed(removed),
        rebuilt: listed(rebuilt),
      });
    const waiting = needsRestart.join(", ");
    if (waiting !== "" && waiting !== this.#needsRestart)
      logger.warn("changed settings need a restart; until then their values before stay in force", {
        settings: waiting,
      });
    this.#needsRestart = waiting;
  }

  /** With files that the options named only now: at the next look they are known. */
  #all(contents: FileContents): FileContents {
    const paths = pathsOf(this.#options).filter((path) => !contents.has(path));
    return new Map([...contents, ...contentsNow(paths)]);
  }
}

interface Change {
  readonly contents: FileContents;
  readonly changed: readonly string[];
  readonly signal: AbortSignal;
}

function pathsOf(options: Options): string[] {
  const { config, kubeconfig, customResourceStateConfigFile } = options;
  return [config, kubeconfig, ...customResourceFilesOf(customResourceStateConfigFile)].filter(
    (path) => path !== "",
  );
}

/** Reads from what was found, so that what is used is what was seen to be whole. */
function reader(contents: FileContents): (path: string) => Buffer {
  return (path) => {
    const content = contents.get(path);
    if (content === undefined)
      throw Object.assign(new Error(`${path} does not exist`), { code: "ENOENT" });
    return content;
  };
}

function listed(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : names.join(",");
}
