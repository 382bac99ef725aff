import { expect, test } from "vitest";
import * as discovery from "./index.ts";

test("the package exports these values and no others", () => {
  expect(Object.keys(discovery).toSorted()).toEqual([
    "Discovery",
    "FileSd",
    "Provider",
    "Publication",
    "Watches",
    "connect",
    "discoveryMetrics",
    "kubernetesConfig",
    "parseConfiguration",
    "scrapeTarget",
  ]);
});
