import { gzipSync } from "node:zlib";
import type { Row } from "@kube-state-mosaic/store";

/** The plain way: one string a row and family in maps, whole text joined and compressed at each scrape. Also the model in tests. */
export class PlainStore {
  readonly #families: number;
  readonly #rows = new Map<string, Row>();
  readonly #names = new Map<string, string>();
  #seen: Set<string> | undefined;

  constructor(families: number) {
    this.#families = families;
  }

  get rows(): number {
    return this.#rows.size;
  }

  get uids(): string[] {
    return [...this.#rows.keys()];
  }

  get(uid: string): Row | undefined {
    return this.#rows.get(uid);
  }

  hasVersion(uid: string, resourceVersion: string): boolean {
    if (this.#rows.get(uid)?.resourceVersion !== resourceVersion) return false;
    this.#seen?.add(uid);
    return true;
  }

  beginReplace(): void {
    this.#seen = new Set();
  }

  endReplace(): void {
    for (const uid of this.#rows.keys()) if (this.#seen?.has(uid) === false) this.delete(uid);
    this.#seen = undefined;
  }

  abortReplace(): void {
    this.#seen = undefined;
  }

  set(row: Row): void {
    const known = this.#rows.get(row.uid);
    if (known !== undefined) this.#seen?.add(row.uid);
    if (known !== undefined && lower(row.resourceVersion, known.resourceVersion)) return;
    const name = `${row.namespace}/${row.name}`;
    const namesake = this.#names.get(name);
    if (namesake !== undefined && namesake !== row.uid) {
      if (lower(row.resourceVersion, this.#rows.get(namesake)?.resourceVersion ?? "")) return;
      this.delete(namesake);
    }
    if (known !== undefined) this.#names.delete(`${known.namespace}/${known.name}`);
    this.#seen?.add(row.uid);
    this.#rows.set(row.uid, row);
    this.#names.set(name, row.uid);
  }

  delete(uid: string): void {
    const row = this.#rows.get(uid);
    if (row === undefined) return;
    this.#rows.delete(uid);
    this.#names.delete(`${row.namespace}/${row.name}`);
  }

  /** Text of one family, rows in insertion order. */
  family(family: number): string {
    let text = "";
    for (const row of this.#rows.values()) text += row.texts[family] ?? "";
    return text;
  }

  text(): string {
    let text = "";
    for (let family = 0; family < this.#families; family++) text += this.family(family);
    return text;
  }

  gzip(): Buffer {
    return gzipSync(this.text(), { level: 6 });
  }
}

function lower(a: string, b: string): boolean {
  return /^\d+$/.test(a) && /^\d+$/.test(b) && BigInt(a) < BigInt(b);
}
