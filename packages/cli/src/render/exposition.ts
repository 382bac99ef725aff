import { ExporterError } from "@kube-state-mosaic/errors";
import { compareBytes, familyHeader } from "@kube-state-mosaic/exposition";
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
  /** The resources that configuration gives a kind which no table is for. */
  readonly customResources?: (kind: ObjectKind) => readonly Resource<never>[];
}

/** What an object says it is. */
export interface ObjectKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** What became of an object. */
export type Outcome = "rendered" | "unknown-kind" | "not-selected";

/** The exposition a worker with the same settings would serve for the objects added, collected in plain text. */
export class Exposition {
  readonly #settings: RenderSettings;
  /** Several tables may read one kind. */
  readonly #byKind = new Map<string, ResourceText[]>();

  constructor(settings: RenderSettings) {
    this.#settings = settings;
    for (const resource of settings.resources) {
      const key = `${resource.group}/${resource.kind}`;
      const text = new ResourceText(resource, settings);
      this.#byKind.set(key, [...(this.#byKind.get(key) ?? []), text]);
    }
  }

  /**
   * Adds one object in JSON form. Any version of a group is read as the one the table knows, as its fields mostly agree.
   * Throws `OBJECT_…` or `WIRE_…` naming the field when it cannot be read; nothing of it is added then.
   */
  add(object: Readonly<Record<string, unknown>>): Outcome {
    const { metadata } = object;
    const { namespace, uid } = (metadata ?? {}) as Record<string, unknown>;
    const inNamespace = typeof namespace === "string" ? namespace : "";
    const texts = this.#textsOf(object, inNamespace !== "");
    const [text] = texts;
    if (text === undefined) return "unknown-kind";
    if (typeof metadata !== "object" || metadata === null)
      throw new ExporterError("OBJECT_INVALID", "metadata is missing");
    if (text.resource.namespaced && !this.#selects(inNamespace)) return "not-selected";
    const uidBytes = Buffer.from(typeof uid === "string" ? uid : "");
    if (!this.#settings.ownership.owns(uidBytes, 0, uidBytes.length)) return "not-selected";
    for (const each of texts) each.add(object, inNamespace);
    return "rendered";
  }

  /** The text format, in the order a worker uses. */
  *text(): Generator<string> {
    const resources = [...this.#byKind.values()].flat();
    const named = new Set<string>();
    for (const resource of resources.toSorted((a, b) =>
      compareBytes(a.resource.name, b.resource.name),
    ))
      yield* resource.text(this.#settings.namespaces, named);
  }

  #textsOf(object: Readonly<Record<string, unknown>>, namespaced: boolean): ResourceText[] {
    const apiVersion = String(object["apiVersion"]);
    const kind = String(object["kind"]);
    const slash = apiVersion.indexOf("/");
    const group = slash === -1 ? "" : apiVersion.slice(0, slash);
    const tables = this.#byKind.get(`${group}/${kind}`) ?? [];
    const key = `${apiVersion}/${kind}`;
    let custom = this.#byKind.get(key);
    if (custom === undefined && slash !== -1) {
      const version = apiVersion.slice(slash + 1);
      const found = this.#settings.customResources?.({ group, version, kind, namespaced }) ?? [];
      custom = found.map((resource) => new ResourceText(resource, this.#settings));
      this.#byKind.set(key, custom);
    }
    return [...tables, ...(custom ?? [])];
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

  /** `named` holds the families that have a header already. */
  *text(namespaces: readonly string[], named: Set<string>): Generator<string> {
    if (this.#rows === 0) return;
    for (const [index, family] of this.#renderer.families.entries()) {
      if (!named.has(family.name)) yield familyHeader(family, "text");
      named.add(family.name);
      const byNamespace = this.#texts[index] ?? new Map<string, string[]>();
      const order =
        this.resource.namespaced && namespaces.length > 0
          ? new Set(namespaces)
          : byNamespace.keys();
      for (const namespace of order) yield (byNamespace.get(namespace) ?? []).join("");
    }
  }
}
