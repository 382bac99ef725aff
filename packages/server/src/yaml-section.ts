import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Scalar } from "yaml";

/** A value of a YAML file with its place: the keys that lead to it and where it stands. */
export interface Place {
  readonly key: string;
  readonly node: Node | null;
}

type Readers = Readonly<Record<string, (place: Place) => unknown>>;

/** What `section` read: a key that is absent, empty or wrong has no value. */
type Values<R extends Readers> = { readonly [K in keyof R]?: NonNullable<ReturnType<R[K]>> };

/** Reads a YAML file strictly and collects every problem as `line:column key: reason`. */
export class YamlReader {
  readonly problems: string[] = [];
  readonly root: Place;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    this.root = { key: "", node: document.contents };
    for (const { pos, message } of document.errors) this.#report(pos[0], message);
  }

  problem({ key, node }: Place, reason: string): undefined {
    this.#report(node?.range?.[0] ?? 0, key === "" ? reason : `${key}: ${reason}`);
  }

  /** A mapping with these keys and no others. */
  section<R extends Readers>(place: Place, readers: R): Values<R> {
    const values: Record<string, unknown> = {};
    this.entries(place, (name, value, keyNode) => {
      const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
      const known = Object.keys(readers).join(", ");
      if (read !== undefined) values[name] = read(value) ?? undefined;
      else this.problem({ key: value.key, node: keyNode }, `unknown key; known are ${known}`);
    });
    // Each value has just been read by the reader of its key.
    return values as Values<R>;
  }

  /** A mapping with any keys. */
  entries(place: Place, read: (name: string, value: Place, keyNode: Node | null) => void): void {
    if (isEmpty(place)) return;
    if (!isMap<Node, Node | null>(place.node)) return this.problem(place, "is not a mapping");
    for (const { key, value } of place.node.items) {
      const name = isScalar(key) ? textOf(key) : "";
      const path = place.key === "" ? name : `${place.key}.${name}`;
      read(name, { key: path, node: value ?? null }, key);
    }
  }

  /** Undefined also for an empty text. */
  text(place: Place): string | undefined {
    if (isEmpty(place)) return undefined;
    if (!isScalar(place.node)) return this.problem(place, "is not a text");
    return textOf(place.node) || undefined;
  }

  /** What a word stands for. */
  word<T>(place: Place, known: ReadonlyMap<string, T>): T | undefined {
    const text = this.text(place);
    if (text === undefined) return undefined;
    const meaning = known.get(text);
    if (meaning === undefined)
      return this.problem(place, `"${text}" is none of ${[...known.keys()].join(", ")}`);
    return meaning;
  }

  boolean(place: Place): boolean | undefined {
    if (isEmpty(place)) return undefined;
    const word = this.text(place)?.toLowerCase() ?? "";
    // Go's YAML takes the words of version 1.1 as well.
    if (["true", "yes", "on", "y"].includes(word)) return true;
    if (["false", "no", "off", "n"].includes(word)) return false;
    return this.problem(place, "is neither true nor false");
  }

  /** A whole number, not negative. */
  count(place: Place): number | undefined {
    if (isEmpty(place)) return undefined;
    const value = isScalar(place.node) ? place.node.value : undefined;
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    return this.problem(place, "is not a whole number from 0 up");
  }

  /** A list, each item read by `read`; items without a value are left out. */
  list<T>(place: Place, read: (item: Place) => T | undefined): T[] | undefined {
    if (isEmpty(place)) return undefined;
    if (!isSeq<Node | null>(place.node)) return this.problem(place, "is not a list");
    return place.node.items.flatMap(
      (node, index) => read({ key: `${place.key}[${index}]`, node }) ?? [],
    );
  }

  #report(offset: number, text: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.problems.push(`${line}:${col} ${text}`);
  }
}

function isEmpty({ node }: Place): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

/** As it is written: `0x10` and `yes` are texts where a text is wanted. */
function textOf({ value, source }: Scalar): string {
  return typeof value === "string" ? value : (source ?? String(value));
}
