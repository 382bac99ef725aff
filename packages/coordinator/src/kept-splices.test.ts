import type { MergeSource } from "@kube-state-mosaic/store";
import { expect, test } from "vitest";
import { KeptSplices } from "./kept-splices.ts";

const resources = [{ name: "pods", rows: 1, families: [] }];
const list = [{ id: 1, length: 1, crc32: 0, deflated: () => Buffer.alloc(0) }];
const source = (changes: Partial<MergeSource>): MergeSource => ({
  manifest: { resources },
  families: [list],
  ...changes,
});

test("cycles are the same while each shard's lists and resources are", () => {
  const kept = new KeptSplices([source({}), source({})]);
  expect(kept.isOf([source({}), source({})])).toBe(true);
  expect(kept.isOf([source({})])).toBe(false);
  expect(kept.isOf([source({}), source({ families: [[...list]] })])).toBe(false);
  expect(kept.isOf([source({}), source({ families: [list, list] })])).toBe(false);
  expect(kept.isOf([source({}), source({ manifest: { resources: [...resources] } })])).toBe(false);
});

test("what was asked for before is not spliced again, and only some of it is kept", () => {
  const kept = new KeptSplices([]);
  const spliced: string[] = [];
  const ask = (key: string) =>
    kept.of(key, () => {
      spliced.push(key);
      return [];
    });
  expect(ask("a")).toBe(ask("a"));
  for (const key of ["b", "c", "d", "e", "f", "g", "h", "a", "i"]) ask(key);
  expect(spliced).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
  ask("a");
  ask("b");
  expect(spliced.slice(9)).toEqual(["b"]);
});
