import { inflateRawSync, constants } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockEncoder } from "./block-encoder.ts";
import { decodeBlocks } from "./block-protocol.ts";
import type { Block } from "./contract.ts";
import { MetricsStore } from "./metrics-store.ts";
import { segmentsOf } from "./received-blocks.ts";
import { cutRows } from "./row-cut.ts";
import { readRowLengths, writeRowLengths } from "./row-lengths.ts";

/** As a coordinator has it. */
async function received(texts: readonly string[]): Promise<readonly Block[]> {
  const store = new MetricsStore(1, { youngRows: 4 });
  for (const [index, text] of texts.entries())
    store.set({
      uid: `u${index}`,
      namespace: "",
      name: `n${index}`,
      resourceVersion: "1",
      texts: [text],
      departure: 0,
    });
  const { rows, families } = store.snapshot();
  const header = { name: "a", help: "", type: "gauge" as const };
  const manifest = {
    identity: { shard: 0, totalShards: 1, hash: "jump", epoch: 1 },
    incarnation: "i",
    epochs: [1],
    digest: "",
    resources: [{ name: "pods", rows, families: [header] }],
    counters: [],
  };
  const chunks: Buffer[] = [];
  const state = { manifest, families, directories: [store.directories()], reflectors: [] };
  for await (const chunk of new BlockEncoder().encode(state, undefined)) chunks.push(chunk);
  return decodeBlocks(Buffer.concat(chunks)).families[0] ?? [];
}

function textOf(list: readonly Block[]): string {
  const deflated = Buffer.concat(segmentsOf(list).map((block) => block.deflated()));
  return inflateRawSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

const lines = Array.from({ length: 10 }, (_, index) => `a{n="${index}"} ${"ä".repeat(index)}\n`);

test("rows go to the lists that they are meant for, in their order, and a row meant for none goes nowhere", async () => {
  const list = await received(lines);
  const targetsOf = (): Int16Array => Int16Array.of(0, 1, 0, -1);
  const { lists } = cutRows(list, { count: 2, targetsOf });
  expect(textOf(lists[0]!)).toBe([0, 2, 4, 6, 8].map((at) => lines[at]).join(""));
  expect(textOf(lists[1]!)).toBe([1, 5, 9].map((at) => lines[at]).join(""));
});

test("cut lists can be cut again", async () => {
  const list = await received(lines);
  const first = cutRows(list, { count: 1, targetsOf: () => Int16Array.of(-1, 0, 0, 0) });
  const second = cutRows(first.lists[0]!, { count: 2, targetsOf: () => Int16Array.of(0, 0, 1, 1) });
  expect(textOf(second.lists[0]!)).toBe([1, 5, 9].map((at) => lines[at]).join(""));
  expect(textOf(second.lists[1]!)).toBe([2, 3, 6, 7].map((at) => lines[at]).join(""));
});

test("a list of which nothing is cut is the same list, and what was cut once is not cut again", async () => {
  const list = await received(lines);
  expect(cutRows(list, { count: 1, targetsOf: () => undefined }).lists[0]).toBe(list);
  const [group] = new Set(list.map((block) => block.group));
  const targetsOf = (of: number): Int16Array | undefined =>
    of === group ? Int16Array.of(-1, 0, 0, 0) : undefined;
  const first = cutRows(list, { count: 1, targetsOf });
  expect(textOf(first.lists[0]!)).toBe(lines.slice(1).join(""));
  const again = cutRows([...list], { count: 1, targetsOf }, first);
  expect([...again.made.values()].map(({ blocks }) => blocks)).toEqual(
    [...first.made.values()].map(({ blocks }) => blocks),
  );
  expect([...again.made.values()][0]?.blocks).toBe([...first.made.values()][0]?.blocks);
});

test("row lengths of any size survive their way", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0xffff_ffff), { maxLength: 128 }), (lengths) => {
      const read = readRowLengths(writeRowLengths(Uint32Array.from(lengths)));
      const last = lengths.findLastIndex((length) => length > 0);
      expect(read).toEqual(lengths.slice(0, last + 1));
    }),
  );
});
