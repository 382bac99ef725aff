import { expect, test } from "vitest";
import * as exposition from "./index.ts";

test("the public names are these", () => {
  expect(Object.keys(exposition).sort()).toEqual([
    "acceptsGzip",
    "compareBytes",
    "endOfOpenMetrics",
    "escapeHelp",
    "escapeLabelValue",
    "familyHeader",
    "formatValue",
    "kubernetesLabels",
    "negotiate",
    "negotiateTextOnly",
    "parseExposition",
    "prefersGzip",
    "sanitizeLabelName",
    "textContentType",
  ]);
});
