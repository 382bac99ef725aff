import { ExporterError } from "@kube-state-mosaic/errors";
import type { HeaderFields } from "@kube-state-mosaic/exposition";
import type { Block } from "./contract.ts";

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

/** What a worker held at one instant. */
export interface Manifest {
  readonly identity: ShardIdentity;
  /** Changes with each start of the worker: block ids mean nothing in another incarnation. */
  readonly incarnation: string;
  /** Every block of this manifest has an id below it; sent back as `since`. */
  readonly nextBlockId: number;
  /** In exposition order. */
  readonly resources: readonly ManifestResource[];
}

/** A manifest with its blocks, one list a family, flat in the order of the manifest's resources and their families. */
export interface BlockAnswer {
  readonly manifest: Manifest;
  readonly families: readonly (readonly Block[])[];
}

const magic = Buffer.from("KSMB\u0001", "latin1");
const headBytes = magic.length + 8;
const entryBytes = 20;
const notSent = 0xffffffff;
const writeBytes = 64 * 1024;

/**
 * The frame of docs/design/block-protocol.md: head, manifest (JSON), block counts, block table, deflated bytes.
 * Blocks with an id below `since` are named only: the reader has them.
 */
export function* encodeBlocks(answer: BlockAnswer, since: number): Generator<Buffer> {
  const manifest = Buffer.from(JSON.stringify(answer.manifest));
  const blocks = answer.families.flat();
  const head = Buffer.allocUnsafe(headBytes);
  magic.copy(head);
  head.writeUInt32BE(manifest.length, magic.length);
  head.writeUInt32BE(blocks.length, magic.length + 4);
  const counts = Buffer.allocUnsafe(answer.families.length * 4);
  for (const [index, family] of answer.families.entries())
    counts.writeUInt32BE(family.length, index * 4);
  const table = Buffer.allocUnsafe(blocks.length * entryBytes);
  for (const [index, block] of blocks.entries()) {
    const at = index * entryBytes;
    table.writeDoubleBE(block.id, at);
    table.writeUInt32BE(block.id < since ? notSent : block.deflated().length, at + 8);
    table.writeUInt32BE(block.length, at + 12);
    table.writeUInt32BE(block.crc32, at + 16);
  }
  yield* coalesce([head, manifest, counts, table], blocks, since);
}

/** Blocks are a few KB: written one by one they would cost more than their bytes. */
function* coalesce(
  first: readonly Buffer[],
  blocks: readonly Block[],
  since: number,
): Generator<Buffer> {
  let pending = [...first];
  let size = 0;
  for (const block of blocks) {
    if (block.id < since) continue;
    const bytes = block.deflated();
    pending.push(bytes);
    size += bytes.length;
    if (size < writeBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    size = 0;
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}

/**
 * Reads a whole frame; blocks that were not sent come from `known`.
 * Throws `BLOCKS_INVALID` for anything that is not a complete frame of this version, or names a block that is not known.
 */
export function decodeBlocks(frame: Buffer, known: ReadonlyMap<number, Block>): BlockAnswer {
  if (frame.length < headBytes || !frame.subarray(0, magic.length).equals(magic))
    throw invalid("it does not begin with the frame's magic and version 1");
  const manifestEnd = headBytes + frame.readUInt32BE(magic.length);
  const total = frame.readUInt32BE(magic.length + 4);
  if (manifestEnd > frame.length) throw invalid("it ends inside the manifest");
  const manifest = parseManifest(frame.subarray(headBytes, manifestEnd));
  const familyCount = manifest.resources.reduce((sum, { families }) => sum + families.length, 0);
  const tableStart = manifestEnd + familyCount * 4;
  let bytesAt = tableStart + total * entryBytes;
  if (bytesAt > frame.length) throw invalid("it ends inside the block table");

  let entry = 0;
  const families: Block[][] = [];
  for (let family = 0; family < familyCount; family++) {
    const count = frame.readUInt32BE(manifestEnd + family * 4);
    if (entry + count > total) throw invalid("its block counts exceed the block table");
    const blocks: Block[] = [];
    for (const end = entry + count; entry < end; entry++) {
      const at = tableStart + entry * entryBytes;
      const id = frame.readDoubleBE(at);
      const size = frame.readUInt32BE(at + 8);
      if (size === notSent) {
        const block = known.get(id);
        if (block === undefined) throw invalid(`it refers to block ${id}, which was never sent`);
        blocks.push(block);
        continue;
      }
      if (bytesAt + size > frame.length) throw invalid("it ends inside a block");
      const bytes = Buffer.from(frame.subarray(bytesAt, bytesAt + size));
      bytesAt += size;
      const length = frame.readUInt32BE(at + 12);
      blocks.push({ id, length, crc32: frame.readUInt32BE(at + 16), deflated: () => bytes });
    }
    families.push(blocks);
  }
  if (entry !== total || bytesAt !== frame.length)
    throw invalid("it is longer than its tables say");
  return { manifest, families };
}

function parseManifest(bytes: Buffer): Manifest {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw invalid("its manifest is not JSON", cause);
  }
}

function invalid(reason: string, cause?: unknown): ExporterError {
  return new ExporterError("BLOCKS_INVALID", `blocks frame refused: ${reason}`, { cause });
}
