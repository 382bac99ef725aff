import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { combineCrc32 } from "./crc32.ts";
import type { Block, Piece } from "./contract.ts";
import { inflateInto } from "./deflate.ts";

/** Small writes cost more than the copy into large ones. */
const chunkBytes = 128 << 10;
/** A piece of this size is written as it is: copying it costs more than another write. */
const wholeBytes = 24 << 10;
const sliceMilliseconds = 5;
export const gzipHeader: Buffer = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty block with the final bit. */
const endOfDeflate = Buffer.from([3, 0]);

/**
 * The pieces as one gzip member (RFC 1952), spliced from deflated blocks in chunks of about 128 KB. Blocks not yet deflated
 * are deflated on the way, in slices of 5 ms. The stream reads the pieces no faster than it is read.
 */
export function gzipStream(pieces: Iterable<Piece>): Readable {
  return readable(gzipChunks(pieces));
}

/**
 * The text of the pieces, in chunks of 128 KB, inflated in slices of 5 ms. One inflate stream in the thread pool over the
 * spliced body took 3 times the CPU (20,000 pods, 211 MB: 320 to 560 ms), most of it for going there and back.
 */
export function identityStream(pieces: Iterable<Piece>): Readable {
  return readable(textChunks(pieces));
}

/** Bytes that `identityStream` and `gzipStream` send for these pieces. Deflates what is not yet deflated. */
export function pieceSizes(pieces: Iterable<Piece>): {
  readonly identity: number;
  readonly gzip: number;
} {
  let identity = 0;
  let gzip = gzipHeader.length + endOfDeflate.length + 8;
  for (const piece of pieces) {
    const block = asBlock(piece);
    identity += block.length;
    if (block.length > 0) gzip += block.deflated().length;
  }
  return { identity, gzip };
}

function readable(chunks: AsyncIterable<Buffer>): Readable {
  return Readable.from(chunks, { objectMode: false, highWaterMark: chunkBytes });
}

async function* gzipChunks(pieces: Iterable<Piece>): AsyncGenerator<Buffer> {
  let crc = 0;
  let length = 0;
  yield gzipHeader;
  yield* deflateChunks(pieces, (block) => {
    crc = combineCrc32(crc, block.crc32, block.length);
    length += block.length;
  });
  yield gzipEnd(crc, length);
}

/** The end of a gzip member: an empty final block, CRC-32 and length of the text. */
export function gzipEnd(crc: number, length: number): Buffer {
  const end = Buffer.alloc(endOfDeflate.length + 8);
  endOfDeflate.copy(end);
  end.writeUInt32LE(crc, endOfDeflate.length);
  end.writeUInt32LE(length % 2 ** 32, endOfDeflate.length + 4);
  return end;
}

async function* deflateChunks(
  pieces: Iterable<Piece>,
  passed: (block: Pick<Block, "length" | "crc32">) => void,
): AsyncGenerator<Buffer> {
  let chunk = Buffer.allocUnsafeSlow(chunkBytes);
  /** What is not yet sent of the chunk is `[sent, filled)`. */
  let sent = 0;
  let filled = 0;
  const slice = new Slice();
  for (const piece of pieces) {
    const block = asBlock(piece);
    if (block.length === 0) continue;
    const deflated = block.deflated();
    passed(block);
    const isWhole = deflated.length > wholeBytes;
    if (filled > sent && (isWhole || filled + deflated.length > chunkBytes)) {
      yield chunk.subarray(sent, filled);
      sent = filled;
    }
    if (isWhole) yield deflated;
    else {
      if (filled + deflated.length > chunkBytes) {
        chunk = Buffer.allocUnsafeSlow(chunkBytes);
        sent = 0;
        filled = 0;
      }
      chunk.set(deflated, filled);
      filled += deflated.length;
    }
    if (slice.over) await slice.next();
  }
  if (filled > sent) yield chunk.subarray(sent, filled);
}

async function* textChunks(pieces: Iterable<Piece>): AsyncGenerator<Buffer> {
  let chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let filled = 0;
  const slice = new Slice();
  for (const piece of pieces) {
    const { length } = piece;
    if (length === 0) continue;
    // One byte more than the text: so that inflating shows that nothing follows.
    if (filled + length >= chunk.length) {
      if (filled > 0) yield chunk.subarray(0, filled);
      chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, length + 1));
      filled = 0;
    }
    if (Buffer.isBuffer(piece)) chunk.set(piece, filled);
    else inflateInto({ deflated: piece.deflated(), length }, chunk, filled);
    filled += length;
    if (slice.over) await slice.next();
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Readers may take chunks without ever letting the event loop turn; so the turns are taken here. */
class Slice {
  #end = performance.now() + sliceMilliseconds;
  #asked = 0;

  get over(): boolean {
    // A block takes 1 to 100 µs, the clock 0.1.
    return ++this.#asked % 16 === 0 && performance.now() > this.#end;
  }

  async next(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + sliceMilliseconds;
  }
}

/** What of a block goes into a gzip member. */
export type Spliceable = Pick<Block, "length" | "crc32" | "deflated">;

/** Headers are the same at every scrape; a process has a few hundred. */
const literals = new Map<string, Spliceable>();
const keptLiterals = 4096;
const keptLiteralBytes = 4096;

/** A literal as a block; headers are deflated once. */
export function asBlock(piece: Piece): Spliceable {
  if (!Buffer.isBuffer(piece)) return piece;
  if (piece.length > keptLiteralBytes) return literal(piece);
  const key = piece.toString("latin1");
  const known = literals.get(key);
  if (known !== undefined) return known;
  if (literals.size === keptLiterals) literals.clear();
  const block = literal(piece);
  literals.set(key, block);
  return block;
}

function literal(text: Buffer): Spliceable {
  const deflated = deflateRawSync(text, { finishFlush: constants.Z_FULL_FLUSH });
  return { length: text.length, crc32: crc32(text), deflated: () => deflated };
}
