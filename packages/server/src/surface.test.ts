import { expect, test } from "vitest";
import * as server from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(server).sort()).toEqual([
    "createApp",
    "headerTimeoutOnly",
    "healthRoutes",
    "landingRoute",
    "listen",
    "metricsRoute",
    "readinessRoute",
    "secure",
    "selects",
    "telemetryApp",
  ]);
});
