import { beforeAll, describe, expect, test } from "vitest";
import type { KillReport } from "./autosharding-kills.ts";
import type { StepReport } from "./autosharding-rounds.ts";
import type { AutoshardingReport } from "./autosharding-run.ts";
import { has, sharedCluster } from "./environment.ts";
import { canRunPods, inOwnNetwork } from "./kubelet-network.ts";

// A change needs 2 s of rest, the newcomers' start and lists, and 5 s of notice; after one that came just before, its grace of 30 s as well.
const changeMs = 30_000;
const graceMs = 30_000;
const restartMs = 20_000;
/** From a kill until all is proven complete again. */
const provenMs = 30_000;

describe.skipIf(sharedCluster() === undefined || !canRunPods())(
  "the autosharding manifests with a real StatefulSet controller, 1 → 3 → 2 replicas, a restart and kills under churn",
  () => {
    let report: AutoshardingReport;
    let scalings: readonly StepReport[];
    let restart: StepReport;

    beforeAll(async () => {
      const flags = ["--scale=1,3,2", "--restart", "--kills"];
      if (has("prometheus")) flags.push("--prometheus");
      report = await inOwnNetwork("autosharding-run.ts", ...flags);
      scalings = report.steps.filter(({ name }) => / to /.test(name));
      restart = report.steps.find(({ name }) => name === "rollout restart")!;
      console.log(report.steps.map((step) => summary(step)).join("\n"));
      for (const figures of [...report.kills, report.prometheus]) console.log(figures);
    });

    test("the cluster changed all the time, and every worker was scraped many times", () => {
      expect(report.changesPerSecond).toBeGreaterThanOrEqual(10);
      expect(report.expectedSamples).toBeGreaterThan(3_000);
      expect(scalings.map(({ name }) => name)).toEqual(["1 to 3", "3 to 2"]);
      for (const { scrapes, rounds } of report.steps) {
        expect(rounds).toBeGreaterThan(30);
        expect(scrapes).toBeGreaterThan(rounds);
      }
    });

    test("no sample is missing and none doubled while shards come and go, in any round of one epoch", () => {
      for (const { missing, doubled, examples, partialRounds } of scalings)
        expect({ missing, doubled, examples, partialRounds }).toEqual({
          missing: 0,
          doubled: 0,
          examples: [],
          partialRounds: 0,
        });
    });

    test("workers answer by different epochs for less than a second", () => {
      for (const { longestMixed } of report.steps) expect(longestMixed).toBeLessThan(1_000);
    });

    test("another number of replicas is in force within the time of its steps", () => {
      const [up, down] = scalings;
      expect(up!.inForceMs).toBeLessThan(changeMs);
      expect(down!.inForceMs).toBeLessThan(changeMs + graceMs);
    });

    test("a pod that is scaled away ends once its layout's grace is over, long before it would be killed", () => {
      const [, down] = scalings;
      expect(down!.totalMs - down!.inForceMs).toBeLessThan(graceMs + 15_000);
    });

    test("a restarting pod is away for as long as it takes to start, and nothing is doubled", () => {
      expect(restart.doubled).toBe(0);
      // In rounds in which nobody was away.
      expect(restart.missing).toBe(0);
      for (const absence of Object.values(restart.absentMs))
        expect(absence).toBeLessThan(restartMs);
    });

    test("the coordinators' answers are whole throughout: changes, a restart and kills included", () => {
      for (const { name, coordinators } of report.steps) {
        expect(coordinators.scrapes).toBeGreaterThan(20);
        const { notOk, unanswered, missing, doubled, examples } = coordinators;
        expect({ name, notOk, unanswered, missing, doubled, examples }).toEqual({
          name,
          notOk: 0,
          unanswered: 0,
          missing: 0,
          doubled: 0,
          examples: [],
        });
      }
    });

    test("a coordinator never says complete of an answer that is not", () => {
      for (const { name, coordinators } of report.steps)
        expect([name, coordinators.untrue, coordinators.late]).toEqual([name, 0, 0]);
    });

    test("a killed container is started again in its pod", () => {
      expect(report.kills).toHaveLength(2);
      for (const { sameUid, restarts, exitCode, awayMs } of report.kills) {
        expect({ sameUid, restarts, exitCode }).toEqual({
          sameUid: true,
          restarts: 1,
          exitCode: 137,
        });
        expect(awayMs).toBeLessThan(restartMs);
      }
    });

    test("while a killed shard is away every answer says that it is stale, and that all is complete soon after", () => {
      const [{ reasons, saidStale, saidOtherwise, incompleteToMs, awayMs }] = report.kills as [
        KillReport,
      ];
      expect(reasons).toContain("stale");
      expect(saidStale).toBeGreaterThan(0);
      expect(saidOtherwise).toBe(0);
      expect(incompleteToMs).toBeLessThan(awayMs + provenMs);
    });

    test("a killed coordinator is not missed", () => {
      const [, killed] = report.kills;
      // Scrapes go to the other one. It may need a minute to prove what rests: then it says so.
      expect(killed!.reasons.filter((reason) => reason !== "unproven")).toEqual([]);
    });

    test.skipIf(!has("prometheus"))(
      "a Prometheus that scrapes the Service has every pod, and every series of what stays, at each scrape",
      () => {
        const prometheus = report.prometheus!;
        expect(prometheus.scrapes).toBeGreaterThan(10);
        expect(prometheus).toMatchObject({
          failedScrapes: 0,
          beyondChanges: 0,
          missingPods: 0,
          deadPods: 0,
          doubledPods: 0,
          gaps: 0,
          steadySeries: report.expectedSamples,
          examples: [],
        });
        // Something did change between its scrapes.
        expect(prometheus.mostChanges).toBeGreaterThan(5);
      },
    );
  },
);

function summary({ name, ...step }: StepReport): string {
  const { scrapes, rounds, mixedRounds, longestMixed, missing, doubled, inForceMs, absentMs } =
    step;
  const { incomplete, examples: _, ...counts } = step.coordinators;
  const spans = incomplete.map(
    ({ address, reasons, from, to }) => `${address} ${reasons.join(" and ")} ${from} to ${to} ms`,
  );
  return [
    `${name}: ${scrapes} scrapes in ${rounds} rounds, ${mixedRounds} with mixed epochs (longest ${Math.round(longestMixed)} ms)`,
    `${missing} missing, ${doubled} doubled, in force after ${inForceMs} ms, longest absence ${JSON.stringify(absentMs)} ms`,
    `coordinators ${JSON.stringify(counts)}, not complete: ${spans.join("; ") || "never"}`,
  ].join(";\n  ");
}
