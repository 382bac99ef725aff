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

test("large pieces are sent without being copied", () => {
  const pieces = somePieces(20);
  const block = { id: 1, length: 100_000, crc32: 1, deflated: () => Buffer.alloc(0) };
  const bytes = Buffer.alloc(20_000);
  const { chunks } = splice([...pieces, { ...block, deflated: () => bytes }]);
  expect(chunks.at(-1)).toBe(bytes);
});
