import { expect, test } from "vitest";
import * as coordinator from "./index.ts";

test("the package exports these values", () => {
  expect(Object.keys(coordinator).toSorted()).toEqual([
    "Coordinator",
    "coordinatorApp",
    "coordinatorTelemetry",
    "listedWorkers",
    "registeredWorkers",
  ]);
});
