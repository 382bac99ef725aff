import type { Manifest, ReflectorReport, Sums } from "@kube-state-mosaic/store";
import { expect, test } from "vitest";
import { Prover } from "./completeness.ts";
import type { ProverShard } from "./verdict.ts";

const zero: Sums = { n: 0, a: 0, b: 0 };

/** What one shard says of pods: its rows and the stream, as points from version 10 on. */
interface Said {
  readonly version: number;
  readonly event?: number;
  readonly view?: readonly (Sums & { readonly version: number })[];
  readonly stream?: readonly (Sums & { readonly version: number })[];
  readonly rows?: number;
  readonly more?: Partial<ReflectorReport>;
}

function shard(ordinal: string, said: Said): ProverShard {
  const { version, event = version, view = [{ ...zero, version: 10 }], stream, rows, more } = said;
  const sums = (points: NonNullable<Said["view"]>) => {
    const { n, a, b } = points.at(-1) ?? zero;
    return {
      n,
      a,
      b,
      since: 10,
      points: points.flatMap((point) => [point.version, point.n, point.a, point.b]),
    };
  };
  const report: ReflectorReport = {
    name: "pods",
    resource: "pods",
    synced: true,
    version,
    eventVersion: event,
    undecodable: 0,
    view: sums(view),
    ...(stream && { stream: sums(stream) }),
    ...more,
  };
  const manifest: Manifest = {
    identity: { shard: Number(ordinal), totalShards: 2, hash: "jump", epoch: 1 },
    incarnation: "one",
    token: 1,
    epochs: [1],
    digest: "",
    resources: [{ name: "pods", rows: rows ?? view.at(-1)?.n ?? 0, families: [] }],
    reflectors: [report],
    counters: [],
  };
  return { ordinal, state: "live", manifest };
}

function judge(prover: Prover, shards: readonly ProverShard[], now = 0) {
  prover.observe(1, shards);
  const [proof] = prover.judge(1, shards, { now, unprovenSwitch: false });
  return proof;
}

const at = (version: number, n: number, sum = n) => ({ version, n, a: sum, b: sum * 3 });

test("shards at different versions are compared at the lowest one", () => {
  const shards = [
    shard("0", {
      version: 20,
      view: [at(10, 1), at(15, 2)],
      stream: [at(10, 2), at(15, 3), at(18, 4)],
    }),
    shard("1", { version: 16, view: [at(10, 1)], stream: [at(10, 2), at(15, 3)] }),
  ];
  expect(judge(new Prover(), shards)).toMatchObject({
    complete: true,
    reason: "",
    verifiedAge: 0,
    objects: 3,
  });
});

test.each<[string, Said, readonly [reason: string, detail: string]]>([
  [
    "too few rows",
    { version: 15, view: [at(10, 0)], stream: [at(10, 2)] },
    ["count", "hold 1 of 2"],
  ],
  [
    "the right number of wrong rows",
    { version: 15, view: [at(10, 1, 7)], stream: [at(10, 2)] },
    ["set", "not the right ones"],
  ],
  [
    "another stream",
    { version: 15, view: [at(10, 1)], stream: [at(10, 3)] },
    ["count", "shard 1 has seen 3"],
  ],
  [
    "a stream of others",
    { version: 15, view: [at(10, 1)], stream: [at(10, 2, 9)] },
    ["set", "has seen 2"],
  ],
  [
    "rows that are not shown",
    { version: 15, view: [at(10, 1)], stream: [at(10, 2)], rows: 0 },
    ["store_mismatch", "shows 0 rows and counts 1"],
  ],
  [
    "an object it cannot read",
    { version: 15, view: [at(10, 1)], stream: [at(10, 2)], more: { undecodable: 1 } },
    ["undecodable", "in shard 1"],
  ],
  [
    "no complete list",
    {
      version: 15,
      view: [at(10, 1)],
      stream: [at(10, 2)],
      more: { synced: false, problem: "403" },
    },
    ["not_synced", "403"],
  ],
])("a shard with %s is found", (_, said, [reason, detail]) => {
  const proof = judge(new Prover(), [
    shard("0", { version: 20, view: [at(10, 1)], stream: [at(10, 2)] }),
    shard("1", said),
  ]);
  expect(proof).toMatchObject({ complete: false, reason });
  expect(proof?.detail).toContain(detail);
});

test("filtered streams are compared with what the API server counts, at its version", () => {
  const filtered = (count: number) => [
    shard("0", {
      version: 20,
      view: [at(10, 1), at(17, 2)],
      more: { probe: { version: 15, count } },
    }),
    shard("1", { version: 16, view: [at(10, 1)] }),
  ];
  expect(judge(new Prover(), filtered(2))).toMatchObject({ complete: true });
  expect(judge(new Prover(), filtered(3))).toMatchObject({ complete: false, reason: "count" });
});

/** Shards that agree with each other at version `version`, and what the API server says; `since`: their lists. */
function agreeing(version: number, probe: ReflectorReport["probe"], since = 10): ProverShard[] {
  const more = (held: number): Partial<ReflectorReport> => ({
    ...(probe && { probe }),
    view: { ...at(0, held), since, points: [since, held, held, held * 3] },
    stream: { ...at(0, 3), since, points: [since, 3, 3, 9] },
  });
  const rows = (held: number) => ({ version, rows: held, more: more(held) });
  return [shard("0", rows(1)), shard("1", rows(2))];
}

test("one object lost and one too many are found by a list of the API server, not by its count", () => {
  const counted = { version: 15, count: 3 };
  const listed = { ...counted, sums: { n: 3, a: 3, b: 9 } };
  const other = { ...counted, sums: { n: 3, a: 4, b: 9 } };
  expect(judge(new Prover(), agreeing(20, counted))).toMatchObject({ complete: true });
  expect(judge(new Prover(), agreeing(20, listed))).toMatchObject({ complete: true });
  const proof = judge(new Prover(), agreeing(20, other));
  expect(proof).toMatchObject({ complete: false, reason: "set" });
  expect(proof?.detail).toContain("at 15 the shards hold 3 objects");
  expect(judge(new Prover(), agreeing(20, { ...other, count: 4 }))).toMatchObject({
    reason: "count",
  });
});

test("what a list found stands though later counts are right, until a list is right or a shard has listed", () => {
  const found = (): Prover => {
    const prover = new Prover();
    judge(prover, agreeing(20, { version: 15, count: 3, sums: { n: 3, a: 4, b: 9 } }));
    return prover;
  };
  const counted = { version: 30, count: 3 };
  const prover = found();
  expect(judge(prover, agreeing(30, counted))).toMatchObject({ reason: "set" });
  expect(judge(prover, agreeing(40, undefined))).toMatchObject({ reason: "set" });
  const listed = { version: 45, count: 3, sums: { n: 3, a: 3, b: 9 } };
  expect(judge(prover, agreeing(50, listed))).toMatchObject({ complete: true });
  expect(judge(found(), agreeing(30, counted, 25))).toMatchObject({ complete: true });
});

test("a list is judged though a count of the same version was: on a quiet cluster they are of one version", () => {
  const prover = new Prover();
  expect(judge(prover, agreeing(20, { version: 15, count: 3 }))).toMatchObject({ complete: true });
  const listed = { version: 15, count: 3, sums: { n: 3, a: 4, b: 9 } };
  expect(judge(prover, agreeing(20, listed))).toMatchObject({ reason: "set" });
});

test("a count at a version that not all have reached is judged when they have", () => {
  const prover = new Prover();
  const wrong = { version: 25, count: 7 };
  expect(judge(prover, agreeing(20, wrong))).toMatchObject({ complete: true });
  expect(judge(prover, agreeing(30, wrong))).toMatchObject({ reason: "count" });
});

test("after a restore of etcd, whose versions are lower, what was found before does not count any more", () => {
  const prover = new Prover();
  expect(judge(prover, agreeing(2_000, { version: 1_500, count: 4 }))).toMatchObject({
    reason: "count",
  });
  expect(judge(prover, agreeing(30, { version: 25, count: 3 }))).toMatchObject({ complete: true });
  expect(judge(prover, agreeing(40, { version: 35, count: 4 }))).toMatchObject({ reason: "count" });
});

test("an old count is not taken for a new proof", () => {
  const prover = new Prover();
  const filtered = [
    shard("0", { version: 20, view: [at(10, 1)], more: { probe: { version: 15, count: 1 } } }),
  ];
  expect(judge(prover, filtered)).toMatchObject({ complete: true });
  expect(judge(prover, filtered, 149_000)).toMatchObject({ verifiedAge: 149 });
  expect(judge(prover, filtered, 151_000)).toMatchObject({ reason: "unproven" });
});

test("a proof lasts 150 s where no newer one can be had, and there is none before the first", () => {
  const known = [shard("0", { version: 20, view: [at(10, 1)], stream: [at(10, 1)] })];
  const unknown = [
    shard("0", { version: 20, rows: 1, more: { view: { ...at(10, 1), since: 30, points: [] } } }),
  ];
  const prover = new Prover();
  expect(judge(new Prover(), unknown)).toMatchObject({
    complete: false,
    reason: "unproven",
    verifiedAge: undefined,
  });
  expect(judge(prover, known)).toMatchObject({ complete: true });
  expect(judge(prover, unknown, 149_000)).toMatchObject({ complete: true, verifiedAge: 149 });
  expect(judge(prover, unknown, 151_000)).toMatchObject({ complete: false, reason: "unproven" });
});

test("a shard that stays below another one's event is behind after 10 s, below a bookmark after 90 s", () => {
  const sums = { view: [at(10, 0)], stream: [at(10, 0)] };
  const of = (ahead: { version: number; event: number }) => [
    shard("0", { ...ahead, ...sums }),
    shard("1", { version: 15, event: 15, ...sums }),
  ];
  const events = new Prover();
  expect(judge(events, of({ version: 20, event: 20 }))).toMatchObject({ complete: true });
  expect(judge(events, of({ version: 25, event: 25 }), 9_000)).toMatchObject({ complete: true });
  expect(judge(events, of({ version: 30, event: 30 }), 11_000)).toMatchObject({
    complete: false,
    reason: "behind",
  });
  const bookmarks = new Prover();
  judge(bookmarks, of({ version: 20, event: 15 }));
  expect(judge(bookmarks, of({ version: 30, event: 15 }), 89_000)).toMatchObject({
    complete: true,
  });
  expect(judge(bookmarks, of({ version: 30, event: 15 }), 91_000)).toMatchObject({
    reason: "behind",
  });
});

test("a shard that is missing, stale or silent about a resource makes it incomplete, whatever the others prove", () => {
  const live = shard("0", { version: 20, view: [at(10, 1)], stream: [at(10, 1)] });
  const other = shard("1", { version: 20, view: [at(10, 0)], stream: [at(10, 1)] });
  const cases: [ProverShard, string][] = [
    [{ ...other, state: "missing", manifest: undefined }, "shard_missing"],
    [{ ...other, state: "stale" }, "stale"],
    [{ ...other, manifest: undefined }, "unknown"],
  ];
  for (const [shardOne, reason] of cases)
    expect(judge(new Prover(), [live, shardOne])).toMatchObject({ complete: false, reason });
});

test("a restarted shard's versions are not read from what its predecessor said", () => {
  const prover = new Prover();
  judge(prover, [shard("0", { version: 20, view: [at(10, 1)], stream: [at(10, 1)] })]);
  const again = shard("0", { version: 25, view: [], stream: [] });
  const restarted = { ...again, manifest: { ...again.manifest!, incarnation: "two" } };
  prover.observe(1, [restarted]);
  expect(prover.judge(1, [restarted], { now: 200_000, unprovenSwitch: false })[0]).toMatchObject({
    reason: "unproven",
  });
});
