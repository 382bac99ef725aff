import { ExporterError } from "@kube-state-mosaic/errors";
import type { HeaderFields } from "@kube-state-mosaic/exposition";
import type { Block } from "./contract.ts";
import { placed, rangeOf, type Run, type PlacedBlock } from "./received-blocks.ts";

/** Media type of a worker's blocks; the version is that of the frame below. */
export const blocksMediaType = "application/vnd.kube-state-mosaic.blocks;version=1";

/** Which slice of the cluster an answer is. */
export interface ShardIdentity {
  readonly shard: number;
  readonly totalShards: number;
  readonly hash: string;
  readonly epoch: number;
}

export interface ManifestResource {
  readonly name: string;
  readonly rows: number;
  /** In exposition order, those without samples included. */
  readonly families: readonly HeaderFields[];
}

/** Number of objects and two sums of hashes of their UIDs, each modulo 2^32, at one resource version. */
export interface Sums {
  readonly n: number;
  readonly a: number;
  readonly b: number;
}

/** Sums over time. Versions are those of one resource, as numbers. */
export interface SumsReport extends Sums {
  /** The sums are known for every version from here on, up to the reflector's. */
  readonly since: number;
  /**
   * Values after births and deaths since the manifest this one is based on, oldest first, flat: version, n, a, b, … Where something
   * before is missing, they begin with the value at `since`, and nothing earlier counts.
   */
  readonly points: readonly number[];
}

/** How one reflector (a resource, in one namespace or all) stood at the manifest's instant. */
export interface ReflectorReport {
  /** `pods`, or `pods in default`. */
  readonly name: string;
  readonly resource: string;
  /** Complete once, and not refused by the API server. */
  readonly synced: boolean;
  /** What keeps it from being synced or current, for people. */
  readonly problem?: string;
  /** Everything up to this version has been delivered; 0 before the first list. */
  readonly version: number;
  /** Version of the last event that was no bookmark; 0 if there was none. */
  readonly eventVersion: number;
  /** Objects whose newest state could not be decoded, and events without an identity. */
  readonly undecodable: number;
  /** A list is being read: rows that are shown can be newer than the sums. */
  readonly listing?: true;
  /** By the ordinal of a shard that gains slots of this one: the highest version applied in these slots. */
  readonly shown?: Readonly<Record<string, number>>;
  /** Over the rows of the view; absent where nothing is counted. */
  readonly view?: SumsReport;
  /** Over the whole stream, where no selector was sent. */
  readonly stream?: SumsReport;
  /** The whole collection's size at a version, as the API server counted it; with sums if it has listed all objects for it. */
  readonly probe?: { readonly version: number; readonly count: number; readonly sums?: Sums };
}

/** One self metric of the worker that a coordinator repeats: name, label values, value. */
export type CounterReport = readonly [
  name: string,
  resource: string,
  result: string,
  value: number,
];

/** What a worker held at one instant. */
export interface Manifest {
  readonly identity: ShardIdentity;
  /** Changes with each start of the worker: tokens and block ids mean nothing in another incarnation. */
  readonly incarnation: string;
  /** Names this answer within the incarnation; sent back as `since=<incarnation>:<token>`. */
  readonly token: number;
  /** Epochs that the worker can answer. */
  readonly epochs: readonly number[];
  /** Digest of the layout of `identity.epoch`; empty without one. */
  readonly digest: string;
  /** In exposition order. */
  readonly resources: readonly ManifestResource[];
  readonly reflectors: readonly ReflectorReport[];
  readonly counters: readonly CounterReport[];
}

/** A manifest with its blocks. */
export interface BlockAnswer {
  readonly manifest: Manifest;
  /** One list a family, flat in the order of the manifest's resources and their families. */
  readonly families: readonly (readonly Block[])[];
  /** One list a resource: who the rows of each group are (`directoryRow`). */
  readonly directories: readonly (readonly Block[])[];
}

/** The manifest as it travels: what is absent is as in the answer named by `base`. */
export interface SentManifest {
  readonly identity: ShardIdentity;
  readonly incarnation: string;
  readonly token: number;
  readonly base?: number;
  readonly epochs: readonly number[];
  readonly digest: string;
  readonly headers?: readonly {
    readonly name: string;
    readonly families: readonly HeaderFields[];
  }[];
  readonly rows?: readonly number[];
  readonly counters?: readonly CounterReport[];
  /** With a base: only those that differ from it. */
  readonly reflectors: readonly ReflectorReport[];
  /** With a base: the names of all reflectors, if they are not the same ones. */
  readonly reflectorNames?: readonly string[];
}

export const frameMagic: Buffer = Buffer.from("KSMB\u0001", "latin1");
/** Magic, length of the manifest, length of the operations. */
export const frameHeadBytes = 13;
/** As a number of operations: the family is as in the base. As the begin of a copy: new blocks follow. */
export const noWord = 0xffffffff;
/** Id (float64), deflated length, text length, CRC-32, row group, bytes of its row lengths (16 bits). */
export const newBlockBytes = 26;

/**
 * Reads a whole frame; what it leaves out comes from `base`, the answer that the request named. Keeps nothing of the frame.
 * Throws `BLOCKS_INVALID` for anything that is not a complete frame of this version, or based on something else.
 */
export function decodeBlocks(frame: Buffer, base?: BlockAnswer): BlockAnswer {
  if (frame.length < frameHeadBytes || !frame.subarray(0, frameMagic.length).equals(frameMagic))
    throw invalid("it does not begin with the frame's magic and version 1");
  const manifestEnd = frameHeadBytes + frame.readUInt32BE(frameMagic.length);
  const opsEnd = manifestEnd + frame.readUInt32BE(frameMagic.length + 4);
  if (manifestEnd > frame.length) throw invalid("it ends inside the manifest");
  if (opsEnd > frame.length) throw invalid("it ends inside the list of blocks");
  const sent = parseManifest(frame.subarray(frameHeadBytes, manifestEnd));
  const isBased = sent.base !== undefined;
  if (
    isBased &&
    (base?.manifest.token !== sent.base || base.manifest.incarnation !== sent.incarnation)
  )
    throw invalid(`it is based on answer ${sent.base}, which is not held`);
  const manifest = wholeManifest(sent, isBased ? base?.manifest : undefined);
  const lists = isBased && base !== undefined ? [...base.families, ...base.directories] : [];
  const families = manifest.resources.reduce((sum, resource) => sum + resource.families.length, 0);
  const count = families + manifest.resources.length;
  const reader = new OperationReader(frame, { at: manifestEnd, opsEnd });
  if (opsEnd === manifestEnd) {
    if (isBased && base !== undefined && lists.length === count && frame.length === opsEnd)
      return { ...base, manifest };
    if (count > 0) throw invalid("its list of blocks is empty");
  }
  const read = Array.from({ length: count }, (_, index) => reader.list(lists[index]));
  reader.assertEnd();
  return { manifest, families: read.slice(0, families), directories: read.slice(families) };
}

function wholeManifest(sent: SentManifest, base: Manifest | undefined): Manifest {
  const { identity, incarnation, token, epochs, digest } = sent;
  const headers = sent.headers ?? base?.resources;
  const rows = sent.rows ?? base?.resources.map((resource) => resource.rows);
  const counters = sent.counters ?? base?.counters;
  if (
    headers === undefined ||
    rows === undefined ||
    counters === undefined ||
    rows.length !== headers.length
  )
    throw invalid("its manifest leaves out what no earlier answer has");
  const resources =
    sent.headers === undefined && sent.rows === undefined && base !== undefined
      ? base.resources
      : headers.map(({ name, families }, index) => ({ name, families, rows: rows[index] ?? 0 }));
  const changed = new Map(sent.reflectors.map((reflector) => [reflector.name, reflector]));
  const before = new Map(base?.reflectors.map((reflector) => [reflector.name, reflector]));
  const names = sent.reflectorNames ?? [...(base === undefined ? changed : before).keys()];
  const reflectors = names.map((name) => {
    const reflector = changed.get(name) ?? quiet(before.get(name));
    if (reflector === undefined) throw invalid(`its manifest says nothing about ${name}`);
    return reflector;
  });
  return { identity, incarnation, token, epochs, digest, resources, reflectors, counters };
}

/** As before, with nothing born or dead since. */
function quiet(report: ReflectorReport | undefined): ReflectorReport | undefined {
  const { view, stream } = report ?? {};
  if (!view?.points.length && !stream?.points.length) return report;
  return (
    report && {
      ...report,
      ...(view && { view: { ...view, points: [] } }),
      ...(stream && { stream: { ...stream, points: [] } }),
    }
  );
}

/** Block lists as operations on the lists of the base. */
class OperationReader {
  readonly #frame: Buffer;
  #at: number;
  readonly #end: number;
  /** Where the bytes of the next new block are. */
  #bytesAt: number;

  constructor(frame: Buffer, { at, opsEnd }: { readonly at: number; readonly opsEnd: number }) {
    this.#frame = frame;
    this.#at = at;
    this.#end = opsEnd;
    this.#bytesAt = opsEnd;
  }

  list(base: readonly Block[] | undefined): readonly Block[] {
    const operations = this.#word();
    if (operations === noWord) {
      if (base === undefined) throw invalid("it refers to a list that was never sent");
      return base;
    }
    const parts: Run[] = [];
    for (let operation = 0; operation < operations; operation++) {
      const start = this.#word();
      const count = this.#word();
      parts.push(start === noWord ? this.#newBlocks(count) : this.#kept(base, start, count));
    }
    return placed(parts);
  }

  #kept(base: readonly Block[] | undefined, start: number, count: number): Run {
    const part = rangeOf(base ?? [], start, start + count);
    if (part?.blocks.length !== count) throw invalid("it refers to a block that was never sent");
    return part;
  }

  assertEnd(): void {
    if (this.#at !== this.#end || this.#bytesAt !== this.#frame.length)
      throw invalid("it is longer than its tables say");
  }

  #word(): number {
    if (this.#at + 4 > this.#end) throw invalid("it ends inside the list of blocks");
    const word = this.#frame.readUInt32BE(this.#at);
    this.#at += 4;
    return word;
  }

  #newBlocks(count: number): Run {
    const blocks: PlacedBlock[] = [];
    const start = this.#bytesAt;
    let rowSize = 0;
    for (let made = 0; made < count; made++) {
      const at = this.#at;
      if (at + newBlockBytes > this.#end) throw invalid("it ends inside the list of blocks");
      this.#at += newBlockBytes;
      const size = this.#frame.readUInt32BE(at + 8);
      this.#bytesAt += size;
      if (this.#bytesAt > this.#frame.length) throw invalid("it ends inside a block");
      blocks.push({
        id: this.#frame.readDoubleBE(at),
        size,
        length: this.#frame.readUInt32BE(at + 12),
        crc32: this.#frame.readUInt32BE(at + 16),
        group: this.#frame.readUInt32BE(at + 20),
        rowSize: this.#frame.readUInt16BE(at + 24),
      });
      rowSize += this.#frame.readUInt16BE(at + 24);
    }
    const rowsAt = this.#at;
    this.#at += rowSize;
    if (this.#at > this.#end) throw invalid("it ends inside the list of blocks");
    return {
      blocks,
      bytes: this.#frame.subarray(start, this.#bytesAt),
      rows: this.#frame.subarray(rowsAt, this.#at),
    };
  }
}

function parseManifest(bytes: Buffer): SentManifest {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw invalid("its manifest is not JSON", cause);
  }
}

function invalid(reason: string, cause?: unknown): ExporterError {
  return new ExporterError("BLOCKS_INVALID", `blocks frame refused: ${reason}`, { cause });
}
