import {
  customResourceName,
  readDefinition,
  type CustomKind,
} from "@kube-state-mosaic/custom-resource-state";
import type { ReflectorSink } from "@kube-state-mosaic/kubernetes";
import type { CustomResourceMetrics, Logger } from "@kube-state-mosaic/telemetry";
import { decode, jsonObject, type JsonObject, type RawObject } from "@kube-state-mosaic/wire";

interface Known {
  readonly resourceVersion: string;
  readonly kinds: readonly CustomKind[];
}

export interface DefinitionSinkOptions {
  readonly metrics: CustomResourceMetrics;
  readonly logger: Logger;
  /** The kinds are whole and not those of the last call, or they are whole for the first time. */
  readonly onChange: (kinds: readonly CustomKind[]) => void;
}

/** Keeps the custom kinds that the cluster serves, from its CustomResourceDefinitions in JSON form. */
export class DefinitionSink implements ReflectorSink {
  readonly #options: DefinitionSinkOptions;
  readonly #definitions = new Map<string, Known>();
  /** UIDs seen since a list began; undefined outside of lists. */
  #listed: Set<string> | undefined;
  #isWhole = false;
  #told = "";

  constructor(options: DefinitionSinkOptions) {
    this.#options = options;
  }

  listStarted(): void {
    this.#listed = new Set();
  }

  set(raw: RawObject): void {
    const { uid, resourceVersion, name } = raw;
    this.#listed?.add(uid);
    const known = this.#definitions.get(uid);
    if (known?.resourceVersion === resourceVersion) return;
    const object = decode(jsonObject, raw);
    const { kinds, skipped } = readDefinition(object);
    for (const reason of skipped)
      this.#options.logger.debug("a custom resource definition is left out, or a version of it", {
        definition: name,
        reason,
      });
    const { addEvents, updateEvents } = this.#options.metrics;
    (known === undefined ? addEvents : updateEvents).add(1);
    // Before it is established its objects are not served: listing them would only fail.
    this.#definitions.set(uid, {
      resourceVersion,
      kinds: isEstablished(object) ? kinds : (known?.kinds ?? []),
    });
    this.#changed();
  }

  delete(raw: RawObject): void {
    this.#forget(raw.uid);
    this.#changed();
  }

  listCompleted(): void {
    for (const uid of this.#definitions.keys()) if (!this.#listed?.has(uid)) this.#forget(uid);
    this.#listed = undefined;
    this.#isWhole = true;
    this.#changed();
  }

  listFailed(): void {
    this.#listed = undefined;
  }

  bookmark(): void {}

  #forget(uid: string): void {
    if (this.#definitions.delete(uid)) this.#options.metrics.deleteEvents.add(1);
  }

  #changed(): void {
    this.#options.metrics.cache.set(this.#definitions.size);
    if (!this.#isWhole) return;
    const byName = new Map<string, CustomKind>();
    // A definition that was deleted and made again meets its old self in a list: the newer one, set later, counts.
    for (const { kinds } of this.#definitions.values())
      for (const kind of kinds) byName.set(customResourceName(kind), kind);
    const kinds = [...byName.values()];
    const told = JSON.stringify(kinds);
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange(kinds);
  }
}

/** Whether the API server has accepted the definition's names and serves its objects. */
function isEstablished(object: JsonObject): boolean {
  const { status } = object;
  const conditions = isObject(status) ? status["conditions"] : undefined;
  if (!Array.isArray(conditions)) return false;
  return conditions.some(
    (condition: unknown) =>
      isObject(condition) && condition["type"] === "Established" && condition["status"] === "True",
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
