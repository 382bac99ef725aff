import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Alias, Document, YAMLMap } from "yaml";

/** Where a value stands: line and column, counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A YAML value with nothing typed yet: a scalar is the text it is written with, `null` an empty or null one. */
export type Tree =
  | { readonly kind: "null"; readonly at: Position }
  | { readonly kind: "text"; readonly at: Position; readonly text: string }
  | { readonly kind: "list"; readonly at: Position; readonly items: readonly Tree[] }
  | {
      readonly kind: "map";
      readonly at: Position;
      readonly entries: ReadonlyMap<string, Tree>;
      /** Keys that stand there more than once. */
      readonly repeated: readonly string[];
    };

export interface YamlFault {
  readonly at: Position;
  readonly reason: string;
}

/** Far more than anybody writes: aliases of aliases can make a short text mean any number of values. */
const maxValues = 100_000;
const start: Position = { line: 1, column: 1 };

/** The first document of a YAML (or JSON) text; a fault where it is none, or no document is there at all. */
export function parseYamlTree(text: string): Tree | YamlFault {
  const lines = new LineCounter();
  // The failsafe schema leaves every scalar as its text; repeated keys are told by path, not by the parser.
  const options = { schema: "failsafe", lineCounter: lines, uniqueKeys: false } as const;
  const documents = parseAllDocuments(text, options);
  const document = Array.isArray(documents) ? documents[0] : undefined;
  if (document === undefined) return { at: start, reason: "there is no YAML document in it" };
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const [message = ""] = error.message.split("\n");
    const reason = `not YAML: ${message.replace(/ at line \d+, column \d+:?$/, "")}`;
    return { at: positionAt(error.pos[0]), reason };
  }
  const builder = new TreeBuilder(document, positionAt);
  const tree = builder.build(document.contents, start);
  return builder.isOverdrawn ? { at: start, reason: "it has too many values" } : tree;
}

class TreeBuilder {
  readonly #document: Document;
  readonly #positionAt: (offset: number) => Position;
  /** Finding an anchor walks the document. */
  readonly #resolved = new Map<Alias, unknown>();
  #values = 0;

  constructor(document: Document, positionAt: (offset: number) => Position) {
    this.#document = document;
    this.#positionAt = positionAt;
  }

  get isOverdrawn(): boolean {
    return this.#values > maxValues;
  }

  /** `around` is the position of what holds the node, for nodes that are not written at all. */
  build(node: unknown, around: Position): Tree {
    const value = isAlias(node) ? this.#resolve(node) : node;
    const at = this.#at(node) ?? around;
    if (++this.#values > maxValues) return { kind: "null", at };
    if (isScalar(value)) {
      const text = textOf(value);
      const isNull = value.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(text);
      return isNull ? { kind: "null", at } : { kind: "text", at, text };
    }
    if (isSeq(value))
      return {
        kind: "list",
        at,
        items: value.items.map((item) => this.build(item, at)),
      };
    if (isMap(value)) return this.#map(value, at);
    return { kind: "null", at };
  }

  #resolve(alias: Alias): unknown {
    if (!this.#resolved.has(alias)) this.#resolved.set(alias, alias.resolve(this.#document));
    return this.#resolved.get(alias);
  }

  #map(map: YAMLMap, at: Position): Tree {
    const entries = new Map<string, Tree>();
    const merged = new Map<string, Tree>();
    const repeated: string[] = [];
    for (const pair of map.items) {
      if (!isPair(pair)) continue;
      const key = isScalar(pair.key) ? textOf(pair.key) : "";
      const tree = this.build(pair.value, this.#at(pair.key) ?? at);
      if (key === "<<" && isScalar(pair.key) && pair.key.type === "PLAIN") merge(merged, tree);
      else if (entries.has(key)) repeated.push(key);
      else entries.set(key, tree);
    }
    for (const [key, tree] of merged) if (!entries.has(key)) entries.set(key, tree);
    return { kind: "map", at, entries, repeated };
  }

  #at(node: unknown): Position | undefined {
    const range = isAlias(node) || isScalar(node) || isSeq(node) || isMap(node) ? node.range : null;
    return range ? this.#positionAt(range[0]) : undefined;
  }
}

/** With the failsafe schema every scalar that is written is a string. */
function textOf({ value }: { readonly value: unknown }): string {
  return typeof value === "string" ? value : "";
}

/** The merge key `<<`: one mapping or a list of them, of which the first that has a key wins. */
function merge(into: Map<string, Tree>, from: Tree): void {
  if (from.kind === "list") for (const item of from.items) merge(into, item);
  if (from.kind !== "map") return;
  for (const [key, tree] of from.entries) if (!into.has(key)) into.set(key, tree);
}
