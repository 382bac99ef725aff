import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { families, rowOf } from "../test/store-model.ts";
import { gzipStream, identityStream, MetricsStore, type Piece } from "./index.ts";
import { splice, splicedStream, spliceText, type Splice } from "./splice.ts";

/** Blocks of a few hundred bytes, headers between them, and a literal too long to be copied. */
function somePieces(rows: number): Piece[] {
  const store = new MetricsStore(families, { groupRows: 8 });
  store.beginReplace();
  for (let number = 0; number < rows; number++)
    store.set(rowOf(number, { name: number, version: 1, shape: [1, 2, 0, 1, 3], departure: 0 }));
  store.endReplace();
  const noise = Array.from({ length: 20_000 }, (_, at) => `${Math.imul(at, 0x9e3779b1)}\n`);
  const lists = store.snapshot().families.map((list, at) => [Buffer.from(`# ${at}\n`), ...list]);
  return [...lists.flat(), Buffer.alloc(0), Buffer.from(noise.join(""))];
}

async function textOf(splices: readonly Splice[]): Promise<string> {
  return gunzipSync(await buffer(splicedStream(splices))).toString();
}

test("spliced pieces are one gzip member of their text", async () => {
  const pieces = somePieces(200);
  const wanted = (await buffer(identityStream(pieces))).toString();
  expect(await textOf([splice(pieces)])).toBe(wanted);
  expect(gunzipSync(await buffer(gzipStream(pieces))).toString()).toBe(wanted);
});

test("splices follow each other, again and again, with texts between them", async () => {
  const pieces = splice(somePieces(20));
  const [alone, text] = [await textOf([pieces]), "é 1\n".repeat(3)];
  for (let time = 0; time < 2; time++)
    expect(await textOf([pieces, spliceText(text), pieces, spliceText("# EOF\n")])).toBe(
      `${alone}${text}${alone}# EOF\n`,
    );
});

test("no splices, no pieces and no text are an empty member", async () => {
  expect(await textOf([])).toBe("");
  expect(await textOf([splice([]), spliceText("")])).toBe("");
});

test("large pieces are not copied, and one write where they follow each other in memory", () => {
  const memory = Buffer.alloc(100_000);
  const blockOf = (start: number, end: number) => {
    const deflated = memory.subarray(start, end);
    return { id: 1, length: 1, crc32: 0, deflated: () => deflated };
  };
  const { chunks } = splice([
    blockOf(0, 20_000),
    blockOf(20_000, 50_000),
    blockOf(60_000, 80_000),
    Buffer.from("# HELP\n"),
    blockOf(80_000, 100_000),
  ]);
  const places = chunks.map(({ byteOffset, length }) => [byteOffset, byteOffset + length]);
  expect(places.toSpliced(2, 1)).toEqual([
    [0, 50_000],
    [60_000, 80_000],
    [80_000, 100_000],
  ]);
  expect(chunks.map(({ buffer }) => buffer === memory.buffer)).toEqual([true, true, false, true]);
});
