import { isDeepStrictEqual } from "node:util";
import { setImmediate } from "node:timers/promises";
import {
  frameHeadBytes,
  frameMagic,
  newBlockBytes,
  noWord,
  type BlockAnswer,
  type Manifest,
  type ReflectorReport,
  type SentManifest,
} from "./block-protocol.ts";
import type { Block } from "./contract.ts";

/** A reflector's state, with the births and deaths since an earlier answer. */
export interface ReflectorSource {
  readonly name: string;
  /** Where its logs stand now. */
  readonly position: readonly number[];
  /** `since`: the position in the earlier answer; undefined for all that is kept. */
  report(since: readonly number[] | undefined): ReflectorReport;
}

/** What a worker holds at one instant, before it is known what the reader has. */
export interface BlockState {
  readonly manifest: Omit<Manifest, "token" | "reflectors">;
  readonly families: BlockAnswer["families"];
  readonly directories: BlockAnswer["directories"];
  readonly reflectors: readonly ReflectorSource[];
}

/** What is remembered of an answer, so that the next one can leave out what did not change. */
interface Sent {
  readonly token: number;
  readonly manifest: BlockState["manifest"];
  readonly rows: readonly number[];
  /** By name: the report without points as JSON, and the position. */
  readonly reflectors: ReadonlyMap<
    string,
    { readonly json: string; readonly position: readonly number[] }
  >;
  /** Block ids by family, then those of the directories by resource. */
  readonly ids: readonly Float64Array[];
}

const writeBytes = 128 << 10;
const sliceMilliseconds = 5;
/** Each coordinator replica uses one an epoch. */
const remembered = 16;

/**
 * Writes frames of docs/design/block-protocol.md. It remembers what the last answers named (8 bytes a block), so that a reader that
 * names one of them gets only what has changed since.
 */
export class BlockEncoder {
  readonly #sent = new Map<number, Sent>();
  #lastToken = 0;

  /**
   * The frame, in chunks. Manifest and lists of blocks are made in this call, so that they are of one instant; blocks are deflated as the
   * chunks are taken, in slices of 5 ms. `since` is what the request said.
   */
  encode(state: BlockState, since: string | undefined): AsyncGenerator<Buffer> {
    const [incarnation, number] = since?.split(":") ?? [];
    const base =
      incarnation === state.manifest.incarnation ? this.#sent.get(Number(number)) : undefined;
    const aligned =
      base !== undefined && sameHeaders(base.manifest, state.manifest) ? base : undefined;
    const lists = aligned?.ids ?? [];
    const operations: Operations = { words: [], blocks: [] };
    let same = aligned !== undefined;
    const ids = [...state.families, ...state.directories].map((list, index) => {
      const before = lists[index];
      if (before !== undefined && isSame(list, before)) {
        operations.words.push(noWord);
        return before;
      }
      same = false;
      writeList(list, before, operations);
      return Float64Array.from(list, ({ id }) => id);
    });
    if (same) operations.words.length = 0;
    const { sent, entry } = this.#manifest(state, { base: aligned, ids, same });
    this.#remember(entry);
    return frame(Buffer.from(JSON.stringify(sent)), operations);
  }

  #manifest(
    { manifest, reflectors }: BlockState,
    { base, ids, same }: { base: Sent | undefined; ids: readonly Float64Array[]; same: boolean },
  ): { sent: SentManifest; entry: Sent } {
    const { resources, counters, ...fixed } = manifest;
    const rows = resources.map((resource) => resource.rows);
    const reports = new Map<string, { json: string; position: readonly number[] }>();
    const changed: ReflectorReport[] = [];
    // Another epoch is another part of the rows: what was said of that is of no use.
    const sameEpoch = base?.manifest.identity.epoch === manifest.identity.epoch;
    for (const source of reflectors) {
      const before = base?.reflectors.get(source.name);
      const report = source.report(sameEpoch ? before?.position : undefined);
      const json = JSON.stringify(report, withoutPoints);
      reports.set(source.name, { json, position: source.position });
      if (!sameEpoch || before?.json !== json) changed.push(report);
    }
    const sameRows = base !== undefined && isDeepStrictEqual(base.rows, rows);
    const sameCounters = base !== undefined && isDeepStrictEqual(base.manifest.counters, counters);
    const sameNames =
      base !== undefined && isDeepStrictEqual([...base.reflectors.keys()], [...reports.keys()]);
    const sameFixed = base !== undefined && isDeepStrictEqual(fixedOf(base.manifest), fixed);
    const unchanged =
      same && sameRows && sameCounters && sameNames && sameFixed && changed.length === 0;
    const token = unchanged ? base.token : ++this.#lastToken;
    const sent: SentManifest = {
      ...fixed,
      token,
      ...(base === undefined
        ? { headers: resources.map(({ name, families }) => ({ name, families })) }
        : { base: base.token }),
      ...(!sameRows && { rows }),
      ...(!sameCounters && { counters }),
      reflectors: changed,
      ...(!sameNames && { reflectorNames: [...reports.keys()] }),
    };
    return { sent, entry: { token, manifest, rows, reflectors: reports, ids } };
  }

  #remember(entry: Sent): void {
    this.#sent.delete(entry.token);
    this.#sent.set(entry.token, entry);
    for (const token of this.#sent.keys()) {
      if (this.#sent.size <= remembered) break;
      this.#sent.delete(token);
    }
  }
}

function withoutPoints(key: string, value: unknown): unknown {
  return key === "points" ? undefined : value;
}

function fixedOf(manifest: BlockState["manifest"]): object {
  const { resources: _resources, counters: _counters, ...fixed } = manifest;
  return fixed;
}

interface Operations {
  /** Words of 32 bits, new blocks, and behind each run of those their row lengths. */
  readonly words: (number | NewBlock | Buffer)[];
  readonly blocks: Block[];
}

interface NewBlock {
  readonly block: Block;
  readonly rowSize: number;
}

function sameHeaders(a: BlockState["manifest"], b: BlockState["manifest"]): boolean {
  return (
    a.resources.length === b.resources.length &&
    a.resources.every(({ name, families }, index) => {
      const other = b.resources[index];
      return (
        other?.name === name &&
        (other.families === families || isDeepStrictEqual(other.families, families))
      );
    })
  );
}

function isSame(list: readonly Block[], ids: Float64Array): boolean {
  if (list.length !== ids.length) return false;
  for (let index = 0; index < ids.length; index++) if (list[index]?.id !== ids[index]) return false;
  return true;
}

/** A list as copies of ranges of the one before and runs of new blocks. */
function writeList(
  list: readonly Block[],
  before: Float64Array | undefined,
  { words, blocks }: Operations,
): void {
  const places = new Map<number, number>();
  for (const [index, id] of before?.entries() ?? []) places.set(id, index);
  const countAt = words.push(0) - 1;
  let operations = 0;
  for (let at = 0; at < list.length; operations++) {
    const start = places.get(list[at]?.id ?? -1);
    const first = at;
    if (start === undefined) {
      const lengthAt = words.push(noWord, 0) - 1;
      const lengths: Buffer[] = [];
      for (let block = list[at]; block !== undefined && !places.has(block.id); block = list[++at]) {
        const rowLengths = block.rowLengths?.() ?? nothing;
        lengths.push(rowLengths);
        words.push({ block, rowSize: rowLengths.length });
        blocks.push(block);
      }
      words[lengthAt] = at - first;
      words.push(...lengths);
      continue;
    }
    while (at < list.length && before?.[start + at - first] === list[at]?.id) at++;
    words.push(start, at - first);
  }
  words[countAt] = operations;
}

function operationBytes({ words }: Operations): Buffer {
  const size = words.reduce<number>((sum, word) => sum + sizeOf(word), 0);
  const table = Buffer.allocUnsafe(size);
  let at = 0;
  for (const word of words) {
    if (typeof word === "number") {
      at = table.writeUInt32BE(word, at);
      continue;
    }
    if (Buffer.isBuffer(word)) {
      at += word.copy(table, at);
      continue;
    }
    const { block, rowSize } = word;
    at = table.writeDoubleBE(block.id, at);
    at = table.writeUInt32BE(block.deflated().length, at);
    at = table.writeUInt32BE(block.length, at);
    at = table.writeUInt32BE(block.crc32, at);
    at = table.writeUInt32BE(block.group ?? 0, at);
    at = table.writeUInt16BE(rowSize, at);
  }
  return table;
}

const nothing = Buffer.alloc(0);

function sizeOf(word: number | NewBlock | Buffer): number {
  if (typeof word === "number") return 4;
  return Buffer.isBuffer(word) ? word.length : newBlockBytes;
}

async function* frame(manifest: Buffer, operations: Operations): AsyncGenerator<Buffer> {
  let sliceEnd = performance.now() + sliceMilliseconds;
  for (const block of operations.blocks) {
    block.deflated();
    if (performance.now() < sliceEnd) continue;
    await setImmediate();
    sliceEnd = performance.now() + sliceMilliseconds;
  }
  const table = operationBytes(operations);
  const head = Buffer.allocUnsafe(frameHeadBytes);
  frameMagic.copy(head);
  head.writeUInt32BE(manifest.length, frameMagic.length);
  head.writeUInt32BE(table.length, frameMagic.length + 4);
  let pending = [head, manifest, table];
  let size = 0;
  // Blocks are a few KB: written one by one they would cost more than their bytes.
  for (const block of operations.blocks) {
    const bytes = block.deflated();
    pending.push(bytes);
    size += bytes.length;
    if (size < writeBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    size = 0;
    await setImmediate();
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}
