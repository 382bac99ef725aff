import type { Status } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { isExpired, isTooLargeVersion, isTooManyRequests } from "./api-error.ts";

const status = (change: Partial<Status>): Status => ({
  code: 0,
  reason: "",
  message: "",
  causes: [],
  retryAfterSeconds: 0,
  ...change,
});

test.each([
  [{ code: 410, reason: "Expired" }, true],
  [{ code: 410, reason: "Gone" }, true],
  [{ code: 500, reason: "Expired" }, true],
  [{ code: 410, reason: "SomethingNew" }, true],
  [{ code: 410, reason: "" }, true],
  [{ code: 410, reason: "Timeout" }, false],
  [{ code: 504, reason: "Timeout" }, false],
])("%o means that the version is compacted away: %s", (change, expected) => {
  expect(isExpired(status(change))).toBe(expected);
});

const cause = { reason: "", message: "", field: "" };

test.each([
  ["by its cause", { causes: [{ ...cause, reason: "ResourceVersionTooLarge" }] }, true],
  [
    "by a cause's message, 1.17 to 1.18.5",
    { causes: [{ ...cause, message: "Too large resource version" }] },
    true,
  ],
  ["by its message, before 1.17", { message: "Too large resource version: 9, current: 5" }, true],
  ["not by its code", { code: 504, reason: "Timeout", message: "Timeout: slow" }, false],
])("a version above the server's is known %s", (_how, change, expected) => {
  expect(isTooLargeVersion(status(change))).toBe(expected);
});

test.each([
  [{ code: 429, reason: "Whatever" }, true],
  [{ code: 0, reason: "TooManyRequests" }, true],
  [{ code: 503, reason: "ServiceUnavailable" }, false],
])("%o asks to come later: %s", (change, expected) => {
  expect(isTooManyRequests(status(change))).toBe(expected);
});
