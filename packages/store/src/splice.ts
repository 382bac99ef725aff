import { Readable } from "node:stream";
import { crc32 } from "node:zlib";
import type { Piece } from "./contract.ts";
import { combineCrc32 } from "./crc32.ts";
import { deflateText } from "./deflate.ts";
import { asBlock, gzipEnd, gzipHeader } from "./exposition-stream.ts";

/** Pieces as they stand in a gzip member. What is sent again and again is spliced once. */
export interface Splice {
  readonly chunks: readonly Buffer[];
  /** Of the text, in bytes. */
  readonly length: number;
  /** Of the text. */
  readonly crc32: number;
}

const chunkBytes = 128 << 10;
/** A smaller piece is copied beside others: a write of its own costs more. */
const wholeBytes = 16 << 10;
/** What a reader that is slow makes us prepare: references, nothing is copied. */
const aheadBytes = 1 << 20;

/** For pieces that are deflated already, like those of a received answer: it does not let the event loop turn. */
export function splice(pieces: Iterable<Piece>): Splice {
  const chunks: Buffer[] = [];
  let small: Buffer[] = [];
  let size = 0;
  let crc = 0;
  let length = 0;
  const close = (): void => {
    if (small.length > 0) chunks.push(Buffer.concat(small));
    small = [];
    size = 0;
  };
  for (const piece of pieces) {
    const block = asBlock(piece);
    if (block.length === 0) continue;
    crc = combineCrc32(crc, block.crc32, block.length);
    length += block.length;
    const deflated = block.deflated();
    const isWhole = deflated.length > wholeBytes;
    if (isWhole || size + deflated.length > chunkBytes) close();
    if (isWhole) pushWhole(chunks, deflated);
    else {
      small.push(deflated);
      size += deflated.length;
    }
  }
  close();
  return { chunks, length, crc32: crc };
}

/** A piece that lies behind the one before it, like those of a received list, is sent with it. */
function pushWhole(chunks: Buffer[], piece: Buffer): void {
  const before = chunks.at(-1);
  const isNext =
    before !== undefined &&
    before.buffer === piece.buffer &&
    before.byteOffset + before.length === piece.byteOffset &&
    before.length + piece.length <= aheadBytes;
  if (!isNext) chunks.push(piece);
  else
    chunks[chunks.length - 1] = Buffer.from(
      before.buffer,
      before.byteOffset,
      before.length + piece.length,
    );
}

/** A text that is sent once. */
export function spliceText(text: string): Splice {
  const bytes = Buffer.from(text);
  if (bytes.length === 0) return { chunks: [], length: 0, crc32: 0 };
  return {
    chunks: [Buffer.from(deflateText(bytes, 1))],
    length: bytes.length,
    crc32: crc32(bytes),
  };
}

/** The texts of all splices, one after the other, as one gzip member (RFC 1952). */
export function splicedStream(splices: readonly Splice[]): Readable {
  let crc = 0;
  let length = 0;
  const chunks = [gzipHeader];
  for (const one of splices) {
    crc = combineCrc32(crc, one.crc32, one.length);
    length += one.length;
    for (const chunk of one.chunks) chunks.push(chunk);
  }
  chunks.push(gzipEnd(crc, length));
  let at = 0;
  return new Readable({
    highWaterMark: aheadBytes,
    read() {
      for (let more = true; more && at < chunks.length;) more = this.push(chunks[at++]);
      if (at === chunks.length) this.push(null);
    },
  });
}
