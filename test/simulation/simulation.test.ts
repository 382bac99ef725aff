import { expect, test } from "vitest";
import { simulate, type Outcome } from "./simulation.ts";
import type { Variant } from "./variant.ts";

/** How to see what happened, for each seed that went wrong. */
function failures(first: number, count: number): string[] {
  const result: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const [violation] = simulate({ seed }).violations;
    if (violation === undefined) continue;
    const { invariant, text, time } = violation;
    result.push(
      `invariant ${invariant} at ${time.toFixed(1)} s: ${text}; node test/simulation/run.ts --seed ${seed} --trace`,
    );
  }
  return result;
}

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((part) => part * 1_000))(
  "no promise is broken in 1,000 clusters with faults, from seed %d on",
  (first) => {
    expect(failures(first, 1_000)).toEqual([]);
  },
);

test("a seed decides everything", () => {
  const traceOf = (seed: number): string[] => {
    const lines: string[] = [];
    simulate({ seed, trace: (line) => lines.push(line) });
    return lines;
  };
  expect(traceOf(7)).toEqual(traceOf(7));
  expect(traceOf(7)).not.toEqual(traceOf(8));
});

test("there is much to be seen: answers, changes of the layout, missing shards", () => {
  const totals = { answers: 0, flagged: 0, epochs: 0 };
  for (let seed = 0; seed < 40; seed++) {
    const { answers, flagged, epochs } = simulate({ seed });
    totals.answers += answers;
    totals.flagged += flagged;
    totals.epochs += epochs;
  }
  expect(totals.answers).toBeGreaterThan(1_000);
  expect(totals.flagged).toBeGreaterThan(50);
  expect(totals.epochs).toBeGreaterThan(60);
});

/** With the seed to begin at, for what is rare. */
test.each<[string, Variant, readonly number[], number?]>([
  ["a commit by time alone", "commit-on-time-out", [4]],
  ["readiness that waits for the commit", "readiness-after-commit", [8]],
  ["lists at resourceVersion=0", "stale-lists", [3, 5]],
  ["a layout that workers compute anew", "recomputed-layout", [2]],
  ["a coordinator that changes the epoch at the commit", "switch-at-commit", [3], 700],
  ["a coordinator that takes a refusal for an answer", "served-when-decided", [3], 6_500],
  ["leavers that exit at SIGTERM", "leave-at-once", [9]],
  ["dead objects that are forgotten with their namesake", "namesakes-forgotten", [3]],
])("%s is noticed", (...row) => {
  const [, variant, expected, first = 0] = row;
  const noticed = new Set<number>();
  for (let seed = first; seed < first + 400 && !expected.some((one) => noticed.has(one)); seed++)
    for (const { invariant } of simulate({ seed, variant }).violations) noticed.add(invariant);
  expect(expected.some((one) => noticed.has(one))).toBe(true);
});

const sequences = [
  [2, 5, 3],
  [5, 3, 5],
  [3, 4, 3],
  [2, 5, 2],
  [1, 5, 1, 5],
];

test.each(
  sequences.flatMap((replicas) =>
    [true, false].map((ordered) => [replicas.join(" → "), ordered, replicas] as const),
  ),
)("%s ends as desired with at most one epoch a change, ordered: %s", (_, ordered, replicas) => {
  // From a change of mind during the debounce to one after everything has settled.
  for (const pause of [500, 3_000, 8_000, 20_000, 90_000]) {
    const outcomes: Outcome[] = [];
    for (let seed = 0; seed < 10; seed++)
      outcomes.push(simulate({ seed, script: { ordered, replicas, pause } }));
    expect(outcomes.flatMap(({ violations }) => violations)).toEqual([]);
    const epochs = Math.max(...outcomes.map((outcome) => outcome.epochs));
    expect(epochs).toBeLessThanOrEqual(replicas.length);
  }
});

const withoutPlanners = { ordered: false, pause: 1, lost: 3 };

test.each([
  [4, 6],
  [5, 7],
])("%d → %d is carried through though the first three workers are gone for good", (...replicas) => {
  for (let seed = 0; seed < 20; seed++) {
    const { violations } = simulate({ seed, script: { ...withoutPlanners, replicas } });
    expect(violations).toEqual([]);
  }
});

test("that only the first three workers would plan is noticed", () => {
  const script = { ...withoutPlanners, replicas: [4, 6] };
  const { violations } = simulate({ seed: 0, variant: "three-planners", script });
  expect(violations.map(({ invariant }) => invariant)).toEqual([8]);
});
