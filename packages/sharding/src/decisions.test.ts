import { expect, test } from "vitest";
import { claimIdentity, keepIdentity, type IdentityInput } from "./identity.ts";
import { livenessOf } from "./liveness.ts";
import { compareVersions, newerVersion } from "./resource-version.ts";
import { reflectorsMissing, type ReflectorProgress } from "./view-readiness.ts";

test.each([
  ["fresh", 61_000, 0],
  ["fresh", 61_000, undefined],
  ["dead", 60_000, 60_000],
  ["dead", undefined, 60_000],
  ["unknown", 60_000, 60_001],
  ["unknown", 60_000, undefined],
  ["unknown", undefined, undefined],
] as const)(
  "at 100 s, a Lease is %s if it changed at %s and the registry is up since %s",
  (...row) => {
    const [liveness, changedAt, connectedSince] = row;
    expect(livenessOf({ changedAt, connectedSince, now: 100_000 })).toBe(liveness);
  },
);

test.each([
  ["9", "10", -1],
  ["10", "9", 1],
  ["10", "10", 0],
  ["", "1", -1],
  ["9007199254740993", "9007199254740992", 1],
  ["99999999999999999999", "100000000000000000000", -1],
])("the version %j compared with %j is %d", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(newerVersion(a, b)).toBe(sign >= 0 ? a : b);
});

const done: ReflectorProgress = {
  name: "pods",
  listed: true,
  streaming: true,
  backingOffSince: undefined,
  undecodable: 0,
  refused: false,
  refusedBefore: false,
};

test.each<[string, Partial<ReflectorProgress>]>([
  ["listed and streaming", {}],
  ["backing off for 10 s", { streaming: false, backingOffSince: 90_000 }],
  ["refused as before", { listed: false, streaming: false, refused: true, refusedBefore: true }],
])("a view does not wait for a reflector that is %s", (_, change) => {
  expect(reflectorsMissing([{ ...done, ...change }], 100_000)).toEqual([]);
});

test.each<[string, Partial<ReflectorProgress>]>([
  ["still listing", { listed: false }],
  ["listed without a stream", { streaming: false }],
  ["backing off for longer than 10 s", { streaming: false, backingOffSince: 89_999 }],
  ["holding an object it cannot decode", { undecodable: 1 }],
  ["refused what the active view may read", { refused: true }],
])("a view waits for a reflector that is %s", (_, change) => {
  expect(
    reflectorsMissing(
      [
        { ...done, name: "nodes" },
        { ...done, ...change },
      ],
      100_000,
    ),
  ).toEqual(["pods"]);
});

test.each<[string, Partial<IdentityInput>]>([
  ["held", { holder: { podUid: "me", expired: true } }],
  ["take", {}],
  ["take", { holder: { podUid: "", expired: false } }],
  ["take", { holder: { podUid: "twin", expired: true } }],
  ["take", { holder: { podUid: "twin", expired: false }, podUid: "me" }],
  ["ask", { holder: { podUid: "twin", expired: false } }],
  ["exit", { holder: { podUid: "twin", expired: false }, podUid: "twin" }],
  ["exit", { podUid: "twin" }],
])("a starting worker decides %s for %j", (decision, input) => {
  expect(claimIdentity({ ownUid: "me", holder: undefined, podUid: undefined, ...input })).toBe(
    decision,
  );
});

test("a worker that finds another pod in its Lease stops", () => {
  expect(keepIdentity("me", { podUid: "me", expired: false })).toBe("held");
  expect(keepIdentity("me", { podUid: "twin", expired: false })).toBe("exit");
  expect(keepIdentity("me", undefined)).toBe("take");
});
