import { BackOff } from "@kube-state-mosaic/control-plane";
import { expect, test } from "vitest";
import { type Answer, Judge } from "./autosharding-judge.ts";
import type { Life } from "./autosharding-load.ts";
import { WholeJudge } from "./autosharding-whole-judge.ts";

const one = 'kube_pod_info{namespace="load",pod="steady-1"} 1';
const two = 'kube_pod_info{namespace="load",pod="steady-2"} 1';
const elsewhere = 'kube_pod_info{namespace="kube-system",pod="shard-0"} 1';
const shortLived = 'kube_pod_info{namespace="load",pod="short-1"} 1';

/** What shard `shard` of two answers. */
function answer(shard: number, lines: readonly string[], change: Partial<Answer> = {}): Answer {
  const text = `# HELP kube_pod_info About pods.\n${lines.join("\n")}\n`;
  return {
    pod: `shard-${shard}`,
    uid: "",
    status: 200,
    epoch: 1,
    shard,
    total: 2,
    text,
    ...change,
  };
}

function judgeOf(rounds: readonly (readonly Answer[])[], absenceCounts = true): Judge {
  const judge = new Judge([one, two, elsewhere].join("\n"));
  judge.begin("a stretch", { absenceCounts });
  for (const [i, answers] of rounds.entries()) judge.take(answers, i * 100);
  return judge;
}

const whole = [answer(0, [one, elsewhere]), answer(1, [two, shortLived])];

test("what adds up has nothing missing and nothing doubled, whatever else is there", () => {
  expect(judgeOf([whole, whole]).tallies).toMatchObject([
    { scrapes: 4, rounds: 2, wholeRounds: 2, missing: 0, doubled: 0, mixedRounds: 0 },
  ]);
});

test("a sample that nobody has is missing, and one that two have is doubled, with its values different too", () => {
  const lost = [answer(0, [one]), answer(1, [])];
  const twice = [answer(0, [one, two]), answer(1, [two.replace(/1$/, "2")])];
  expect(judgeOf([lost]).tallies[0]).toMatchObject({ missing: 1, doubled: 0 });
  expect(judgeOf([twice]).tallies[0]).toMatchObject({ missing: 0, doubled: 1 });
  expect(judgeOf([lost]).tallies[0]!.examples).toEqual([`missing: ${two.slice(0, -2)}`]);
});

test("rounds of two epochs are not compared; the time they last is told", () => {
  const mixed = [answer(0, [one]), answer(1, [one], { epoch: 2 })];
  expect(judgeOf([whole, mixed, mixed, whole]).tallies[0]).toMatchObject({
    mixedRounds: 2,
    longestMixed: 200,
    missing: 0,
    doubled: 0,
  });
});

test("a member that does not answer makes samples missing, unless it may be away, and its absence is told", () => {
  const away = [answer(0, [one]), answer(1, [], { status: undefined })];
  const refused = [answer(0, [one]), answer(1, [], { status: 503 })];
  const rounds = [whole, away, refused, whole];
  expect(judgeOf(rounds).tallies[0]).toMatchObject({ partialRounds: 2, missing: 2 });
  const allowed = judgeOf(rounds, false);
  expect(allowed.tallies[0]).toMatchObject({ partialRounds: 2, missing: 0 });
  expect(allowed.absences.get("shard-1")).toEqual({ last: 300, longest: 300 });
});

test("workers that are not coordinated are compared whatever their epochs: doubled is not missing", () => {
  const judge = new Judge([one, two].join("\n"), { isCoordinated: false });
  judge.begin("a stretch", { absenceCounts: true });
  judge.take([answer(0, [one, two]), answer(1, [two], { epoch: 2 })], 0);
  judge.take([answer(0, [one]), answer(1, [], { epoch: 2 })], 100);
  expect(judge.tallies[0]).toMatchObject({ mixedRounds: 2, missing: 1, doubled: 1 });
  expect(judge.tallies[0]!.examples).toEqual([`missing: ${two.slice(0, -2)}`]);
});

const complete = 'kube_state_mosaic_complete{resource="pods",reason=""} 1';
const stale = 'kube_state_mosaic_complete{resource="pods",reason="stale"} 0';

/** Answers 100 ms apart. */
function wholeJudgeOf(answers: readonly (readonly string[])[], lives: readonly Life[] = []) {
  const judge = new WholeJudge(
    [one, two].join("\n"),
    new Map(lives.map((life) => [life.name, life])),
  );
  const tally = judge.begin(0);
  for (const [i, lines] of answers.entries()) {
    const [begunAt, endedAt] = [i * 100, i * 100 + 10];
    judge.take({ address: "one", status: 200, text: `${lines.join("\n")}\n`, begunAt, endedAt });
  }
  judge.end();
  return { judge, tally };
}

test("a coordinator's answer is compared by itself", () => {
  const { tally } = wholeJudgeOf([
    [one, two, complete],
    [one, one, stale],
    [one, two, two, complete],
  ]);
  expect(tally).toMatchObject({ scrapes: 3, notOk: 0, missing: 1, doubled: 2 });
});

test("an answer that is not 200 is counted, and so is one that never came", () => {
  const { judge, tally } = wholeJudgeOf([]);
  judge.take({ address: "one", status: 503, text: "no", begunAt: 0, endedAt: 250 });
  judge.refused();
  judge.unanswered();
  expect(tally).toMatchObject({
    scrapes: 1,
    notOk: 1,
    refusedConnections: 1,
    unanswered: 1,
    slowest: 250,
  });
});

test("an answer that says complete and is not is untrue; one that says stale is not", () => {
  expect(wholeJudgeOf([[one, complete]]).tally.untrue).toBe(1);
  expect(wholeJudgeOf([[one, two, two, complete]]).tally.untrue).toBe(1);
  expect(wholeJudgeOf([[one, stale]]).tally.untrue).toBe(0);
});

test("when something was not complete, and why, is told", () => {
  const whole = [one, two, complete];
  const { tally, judge } = wholeJudgeOf([whole, [one, two, stale], [one, two, stale], whole]);
  expect(tally.incomplete).toEqual([
    { address: "one", reasons: ["stale"], resources: [], from: 110, to: 210 },
  ]);
  expect(judge.statements.map(({ reasons }) => reasons)).toEqual([[], ["stale"], ["stale"], []]);
});

test("an object that is not shown 3 s after it was created is late, until it is removed", () => {
  const short: Life = { kind: "pods", name: "short-1", createdAt: -2_950, removedAt: undefined };
  const without = [one, two, complete];
  // Not due at 0, late at 100.
  expect(wholeJudgeOf([without, without], [short]).tally).toMatchObject({ late: 1 });
  expect(wholeJudgeOf([without, [one, two, stale]], [short]).tally).toMatchObject({
    late: 0,
    lateWhileIncomplete: 1,
  });
  expect(wholeJudgeOf([without, [...without, shortLived]], [short]).tally).toMatchObject({
    late: 0,
  });
  const removed = { ...short, removedAt: 50 };
  expect(wholeJudgeOf([without, without], [removed]).tally).toMatchObject({ late: 0 });
});

test("a kubelet starts a container again at once, then after 10 s, and longer each time", () => {
  const backOff = new BackOff();
  const delays = Array.from({ length: 8 }, () => backOff.delayMs(1_000) / 1_000);
  expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  expect(backOff.delayMs(600_000)).toBe(0);
  expect(backOff.delayMs(0)).toBe(10_000);
});
