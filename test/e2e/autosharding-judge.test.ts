import { expect, test } from "vitest";
import { type Answer, Judge } from "./autosharding-judge.ts";

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

test("a coordinator's answer is compared by itself, and refusals are counted", () => {
  const judge = judgeOf([], false);
  judge.takeWhole(answer(0, [one, two]));
  judge.takeWhole(answer(0, [one, one]));
  judge.takeWhole(answer(0, [], { status: 503 }));
  expect(judge.tallies[0]!.coordinators).toEqual({
    scrapes: 3,
    refused: 1,
    missing: 1,
    doubled: 1,
  });
});
