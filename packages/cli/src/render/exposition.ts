import { ExporterError } from "@kube-state-mosaic/errors";
import { familyHeader } from "@kube-state-mosaic/exposition";
import {
  renderer,
  type Family,
  type FamilyConfig,
  type Resource,
} from "@kube-state-mosaic/metric-families";
import type { Ownership } from "@kube-state-mosaic/sharding";
import { decodeJson } from "@kube-state-mosaic/wire";

export interface RenderSettings {
  readonly resources: readonly Resource<never>[];
  readonly familyConfig: (resource: string) => FamilyConfig;
  readonly familyFilter: (family: Family<never>) => boolean;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly namespacesDenylist: readonly string[];
  readonly ownership: Ownership;
}

/** What became of an object. */
export type Outcome = "rendered" | "unknown-kind" | "not-selected";

/** The exposition a worker with the same settings would serve for the objects added, collected in plain text. */
export class Exposition {
  readonly #settings: RenderSettings;
  readonly #byKind = new Map<string, ResourceText>();

  constructor(settings: RenderSettings) {
    this.#settings = settings;
    for (const resource of settings.resources)
      this.#byKind.set(`${resource.group}/${resource.kind}`, new ResourceText(resource, settings));
  }

  /**
   * Adds one object in JSON form. Any version of a group is read as the one the table knows, as its fields mostly agree.
   * Throws `OBJECT_…` or `WIRE_…` naming the field when it cannot be read; nothing of it is added then.
   */
  add(object: Readonly<Record<string, unknown>>): Outcome {
    const apiVersion = String(object["apiVersion"]);
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const text = this.#byKind.get(`${group}/${String(object["kind"])}`);
    if (text === undefined) return "unknown-kind";
    const { metadata } = object;
    if (typeof metadata !== "object" || metadata === null)
      throw new ExporterError("OBJECT_INVALID", "metadata is missing");
    const { namespace, uid } = metadata as Record<string, unknown>;
    const inNamespace = typeof namespace === "string" ? namespace : "";
    if (text.resource.namespaced && !this.#selects(inNamespace)) return "not-selected";
    const uidBytes = Buffer.from(typeof uid === "string" ? uid : "");
    if (!this.#settings.ownership.owns(uidBytes, 0, uidBytes.length)) return "not-selected";
    text.add(object, inNamespace);
    return "rendered";
  }

  /** The text format, in the order a worker uses. */
  *text(): Generator<string> {
    const resources = [...this.#byKind.values()];
    for (const resource of resources.toSorted((a, b) =>
      a.resource.name < b.resource.name ? -1 : 1,
    ))
      yield* resource.text(this.#settings.namespaces);
  }

  #selects(namespace: string): boolean {
    const { namespaces, namespacesDenylist } = this.#settings;
    if (namespacesDenylist.includes(namespace)) return false;
    return namespaces.length === 0 || namespaces.includes(namespace);
  }
}

class ResourceText {
  readonly resource: Resource<never>;
  readonly #renderer: ReturnType<typeof renderer<never>>;
  /** Per family the texts of the objects, by namespace. */
  readonly #texts: Map<string, string[]>[];
  #rows = 0;

  constructor(resource: Resource<never>, { familyConfig, familyFilter }: RenderSettings) {
    this.resource = resource;
    this.#renderer = renderer(resource, familyConfig(resource.name), familyFilter);
    this.#texts = this.#renderer.families.map(() => new Map());
  }

  add(object: unknown, namespace: string): void {
    // Decoded with the schema of the very resource whose renderer takes it.
    const texts = this.#renderer.render(decodeJson(this.resource.schema, object) as never);
    this.#rows++;
    for (const [index, text] of texts.entries()) {
      if (text === "") continue;
      const byNamespace = this.#texts[index];
      const list = byNamespace?.get(namespace);
      if (list === undefined) byNamespace?.set(namespace, [text]);
      else list.push(text);
    }
  }

  *text(namespaces: readonly string[]): Generator<string> {
    if (this.#rows === 0) return;
    for (const [index, family] of this.#renderer.families.entries()) {
      yield familyHeader(family, "text");
      const byNamespace = this.#texts[index] ?? new Map<string, string[]>();
      const order =
        this.resource.namespaced && namespaces.length > 0 ? namespaces : byNamespace.keys();
      for (const namespace of order) yield (byNamespace.get(namespace) ?? []).join("");
    }
  }
}
