import {
  customResource,
  resolve,
  type Configuration,
  type ConfiguredResource,
  type CustomKind,
  type Match,
  type ValueError,
} from "@kube-state-mosaic/custom-resource-state";
import { Reflector, type ApiClient, type ReflectorState } from "@kube-state-mosaic/kubernetes";
import type { Resource } from "@kube-state-mosaic/metric-families";
import type { CustomResourceMetrics, Logger, ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import { DefinitionSink } from "./definition-sink.ts";

const collection = "customresourcedefinitions";

/** Where custom resources are exposed: a Worker. */
export interface CustomResourceHost {
  /** Exposes a resource and answers nothing until it is complete. */
  add(resource: Resource<never>): void;
  /** Exposes a resource once it is complete, and until then those named `instead` and the one of its own name. */
  addBeside(resource: Resource<never>, instead: readonly string[]): void;
  remove(name: string): Promise<void>;
}

export interface CustomResourcesOptions {
  readonly host: CustomResourceHost;
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly metrics: CustomResourceMetrics;
  readonly reference: Pick<ReferenceMetrics, "listTotal" | "watchTotal">;
  /** Value errors of metrics with a higher `errorLogV` are not logged. */
  readonly verbosity: number;
  /** Upper bound of the random delay before the first request. */
  readonly startJitterMs: number;
}

/**
 * Keeps a worker's custom resources as the configuration and the cluster's CustomResourceDefinitions want them: each comes, is replaced
 * and goes by itself; what does not change is not touched.
 */
export class CustomResources {
  readonly name: string = collection;
  readonly #options: CustomResourcesOptions;
  readonly #reflector: Reflector;
  #configuration: Configuration;
  #kinds: readonly CustomKind[] | undefined;
  /** What the host has from here, by name. */
  #exposed: ReadonlyMap<string, Match> = new Map();
  /** What has been said already, until it is no longer so. */
  #said = new Set<string>();

  constructor(configuration: Configuration, options: CustomResourcesOptions) {
    const { client, logger, metrics, reference, startJitterMs } = options;
    this.#options = options;
    this.#configuration = configuration;
    const resource = "*v1.CustomResourceDefinition";
    this.#reflector = new Reflector({
      client,
      path: `/apis/apiextensions.k8s.io/v1/${collection}`,
      resource: collection,
      sink: new DefinitionSink({ metrics, logger, onChange: (kinds) => this.#know(kinds) }),
      protobuf: false,
      startJitterMs,
      observer: {
        onList: (result) => reference.listTotal.add(1, { resource, result }),
        onWatch: (result) => reference.watchTotal.add(1, { resource, result }),
      },
      log: logger,
    });
  }

  /** What has to be known before a complete exposition can be told from one without custom resources; empty when refused. */
  get waiting(): readonly string[] {
    const { synced, httpStatus, lastError }: ReflectorState = this.#reflector.state;
    if (synced || httpStatus === 403 || httpStatus === 404) return [];
    return [lastError === undefined ? collection : `${collection} (${lastError})`];
  }

  /** Takes another configuration: what means the same in both stays as it is, what changes is built beside the old. */
  configure(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#apply();
  }

  /** Watches the definitions until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#reflector.run(signal);
  }

  #know(kinds: readonly CustomKind[]): void {
    const isFirst = this.#kinds === undefined;
    this.#kinds = kinds;
    this.#apply(isFirst);
  }

  #apply(isFirst: boolean = false): void {
    if (this.#kinds === undefined) return;
    const { host, logger } = this.#options;
    const { matches, unmatched, shadowed } = resolve(this.#configuration, this.#kinds);
    this.#tell(unmatched, shadowed);
    const before = this.#exposed;
    this.#exposed = matches;
    const gone = new Map([...before].filter(([name]) => !matches.has(name)));
    for (const [name, match] of matches) {
      const old = before.get(name);
      if (old !== undefined && isSame(old, match)) continue;
      const instead = [...gone]
        .filter(([, { kind }]) => isSameCollection(kind, match.kind))
        .map(([other]) => other);
      for (const other of instead) gone.delete(other);
      const resource = this.#resourceOf(match);
      if (isFirst) host.add(resource);
      else host.addBeside(resource, instead);
      logger.info("custom resource is exposed", {
        resource: name,
        configuredAt: match.configured.where,
      });
    }
    for (const name of gone.keys()) {
      logger.info("custom resource is no longer exposed", { resource: name });
      void host.remove(name);
    }
  }

  #resourceOf({ configured, kind }: Match): Resource<never> {
    const resource = customResource(configured, kind, (error) => this.#log(error));
    // Forgets the object's type, as the registry of built-in resources does: schema and families of one resource belong together.
    return resource as unknown as Resource<never>;
  }

  #log({ metric, message, errorLogV, namespace, name }: ValueError): void {
    const { verbosity, logger } = this.#options;
    if (verbosity < errorLogV) return;
    logger.error("a custom resource metric has no value of an object", {
      metric,
      error: message,
      namespace,
      name,
    });
  }

  #tell(unmatched: readonly ConfiguredResource[], shadowed: readonly Match[]): void {
    const { logger } = this.#options;
    const said = new Set<string>();
    const once = (text: string, say: () => void): void => {
      said.add(text);
      if (!this.#said.has(text)) say();
    };
    for (const { where, group, version, kind } of unmatched)
      once(where, () =>
        logger.info("no custom resource definition has what is configured: waiting for it", {
          configuredAt: where,
          group,
          version,
          kind,
        }),
      );
    for (const { configured, kind } of shadowed) {
      const { where } = configured;
      once(`${where} ${kind.version} ${kind.plural}`, () =>
        logger.warn("configured metrics have no effect: a later item is for the same resource", {
          configuredAt: where,
          group: kind.group,
          version: kind.version,
          kind: kind.kind,
        }),
      );
    }
    this.#said = said;
  }
}

function isSame(left: Match, right: Match): boolean {
  return (
    left.configured.fingerprint === right.configured.fingerprint &&
    left.kind.kind === right.kind.kind &&
    left.kind.namespaced === right.kind.namespaced
  );
}

function isSameCollection(left: CustomKind, right: CustomKind): boolean {
  return left.group === right.group && left.plural === right.plural;
}
