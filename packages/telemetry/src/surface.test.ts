import { expect, test } from "vitest";
import * as telemetry from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(telemetry).sort()).toEqual([
    "configHash",
    "createLogger",
    "createTelemetry",
    "customResourceMetrics",
    "mosaicMetrics",
    "referenceMetrics",
    "scrapeMetrics",
    "shardingMetrics",
  ]);
});
