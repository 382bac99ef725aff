import { expect, test } from "vitest";
import * as store from "./index.ts";

test("the package exports these values", () => {
  expect(Object.keys(store).toSorted()).toEqual([
    "HotBudget",
    "MetricsStore",
    "SnapshotShare",
    "blocksMediaType",
    "decodeBlocks",
    "encodeBlocks",
    "gzipStream",
    "identityStream",
    "mergeAnswers",
    "nextBlockId",
    "pieceSizes",
  ]);
});
