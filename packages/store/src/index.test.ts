import { expect, test } from "vitest";
import * as store from "./index.ts";

test("the package exports these values", () => {
  expect(Object.keys(store).toSorted()).toEqual([
    "BlockEncoder",
    "HotBudget",
    "MetricsStore",
    "SnapshotShare",
    "blocksMediaType",
    "decodeBlocks",
    "gzipStream",
    "identityStream",
    "mergeAnswers",
    "pieceSizes",
    "segmentsOf",
    "uidKey",
  ]);
});
