import type { Position, Tree } from "./yaml-tree.ts";

/** Collects what is wrong with one source; all of it, not the first only. */
export class Findings {
  readonly faults: string[] = [];
  readonly warnings: string[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  fault(at: Position, path: string, reason: string): void {
    this.faults.push(this.#line(at, path, reason));
  }

  warn(at: Position, path: string, reason: string): void {
    this.warnings.push(this.#line(at, path, reason));
  }

  #line({ line, column }: Position, path: string, reason: string): string {
    return `${this.#source}:${line}:${column}: ${path === "" ? "" : `${path}: `}${reason}`;
  }
}

/** A value of the configuration and where it stands; reads it as what is wanted there and notes what does not fit. */
export class Reader {
  readonly #tree: Tree;
  readonly #findings: Findings;
  /** `spec.resources[2].metrics[0]`. */
  readonly path: string;

  constructor(tree: Tree, findings: Findings, path: string = "") {
    this.#tree = tree;
    this.#findings = findings;
    this.path = path;
  }

  /** Absent or null. */
  get isAbsent(): boolean {
    return this.#tree.kind === "null";
  }

  fault(reason: string): void {
    this.#findings.fault(this.#tree.at, this.path, reason);
  }

  warn(reason: string): void {
    this.#findings.warn(this.#tree.at, this.path, reason);
  }

  /** The text of a scalar; of none, `absent`. */
  text(absent: string = ""): string {
    if (this.#tree.kind === "text") return this.#tree.text;
    if (this.#tree.kind !== "null") this.fault(`should be a text and is a ${nameOf(this.#tree)}`);
    return absent;
  }

  /** The items of a list; null ones are dropped. */
  list(): Reader[] {
    const tree = this.#tree;
    if (tree.kind === "list")
      return tree.items
        .map((item, index) => new Reader(item, this.#findings, `${this.path}[${index}]`))
        .filter((item) => !item.isAbsent);
    if (tree.kind !== "null") this.fault(`should be a list and is a ${nameOf(tree)}`);
    return [];
  }

  texts(): string[] {
    return this.list().map((item) => item.text());
  }

  /** The entries of a mapping, in the order written. */
  entries(): [name: string, value: Reader][] {
    const tree = this.#tree;
    if (tree.kind === "map") {
      for (const key of tree.repeated) this.fault(`the key ${key} stands there more than once`);
      return [...tree.entries].map(([name, value]) => [
        name,
        new Reader(value, this.#findings, this.#below(name)),
      ]);
    }
    if (tree.kind !== "null") this.fault(`should be a mapping and is a ${nameOf(tree)}`);
    return [];
  }

  /**
   * The members of a mapping by name, absent ones included. Other keys change nothing, as in the reference, and are worth a warning.
   */
  members<Name extends string>(names: readonly Name[]): Record<Name, Reader> {
    const found = new Map(this.entries());
    for (const [name, value] of found)
      if (!names.some((known) => known === name))
        value.warn(`has no effect: the keys known here are ${names.join(", ")}`);
    const absent = (name: string): Reader =>
      new Reader({ kind: "null", at: this.#tree.at }, this.#findings, this.#below(name));
    // Every name gets its reader.
    return Object.fromEntries(
      names.map((name) => [name, found.get(name) ?? absent(name)]),
    ) as Record<Name, Reader>;
  }

  bool(): boolean {
    const text = this.text("false");
    if (/^(?:true|True|TRUE|yes|Yes|YES|on|On|ON|y|Y)$/.test(text)) return true;
    if (!/^(?:false|False|FALSE|no|No|NO|off|Off|OFF|n|N)$/.test(text))
      this.fault(`should be true or false and is ${JSON.stringify(text)}`);
    return false;
  }

  int32(): number {
    const text = this.text("0");
    const number = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number === (number | 0)) return number;
    this.fault(`should be an integer of 32 bits and is ${JSON.stringify(text)}`);
    return 0;
  }

  /** Equal for values that say the same, wherever they stand. */
  fingerprint(): string {
    return JSON.stringify(plain(this.#tree));
  }

  #below(name: string): string {
    const step = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
    return this.path === "" ? name : this.path + step;
  }
}

function plain(tree: Tree): unknown {
  if (tree.kind === "text") return tree.text;
  if (tree.kind === "list") return tree.items.map(plain);
  if (tree.kind === "map") return [...tree.entries].map(([key, value]) => [key, plain(value)]);
  return null;
}

function nameOf(tree: Tree): string {
  return { null: "null", text: "scalar", list: "list", map: "mapping" }[tree.kind];
}
