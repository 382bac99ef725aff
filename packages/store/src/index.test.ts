import { expect, test } from "vitest";
import * as store from "./index.ts";

test("the package exports these values", () => {
  expect(Object.keys(store).toSorted()).toEqual([
    "BlockEncoder",
    "HotBudget",
    "MetricsStore",
    "SnapshotShare",
    "blocksMediaType",
    "cutRows",
    "decodeBlocks",
    "directoryRow",
    "gzipStream",
    "identityStream",
    "mergeAnswers",
    "mostGroupRows",
    "pieceSizes",
    "segmentsOf",
    "splice",
    "spliceText",
    "splicedStream",
    "uidKey",
  ]);
});
