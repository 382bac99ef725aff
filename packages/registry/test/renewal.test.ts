import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Renewal } from "../src/renewal.ts";
import { ManualClock } from "../../kubernetes/test/manual-clock.ts";

/** When it wrote, in milliseconds; `outcomes` are those of the first writes, the others work. */
function play(random: number, outcomes: readonly boolean[] = []) {
  const clock = new ManualClock();
  const writes: number[] = [];
  const renewal = new Renewal({
    clock,
    random: () => random,
    write: () => {
      writes.push(clock.now());
      return Promise.resolve(outcomes[writes.length - 1] ?? true);
    },
  });
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 100) {
      clock.advance(100);
      await turn();
    }
  };
  return { clock, writes, renewal, pass };
}

describe("a member", () => {
  test.each([
    { random: 0, writes: [0, 9_000, 18_000, 27_000] },
    { random: 0.5, writes: [0, 10_000, 20_000, 30_000] },
    { random: 0.999, writes: [0, 11_000, 22_000] },
  ])("renews every 10 s ± 10 % (random $random)", async ({ random, writes }) => {
    const it = play(random);
    it.renewal.changed();
    it.clock.advance(0);
    await turn();
    await it.pass(32_000);
    expect(it.writes).toHaveLength(writes.length);
    // A step of the test's clock is 100 ms.
    for (const [index, at] of writes.entries())
      expect(Math.abs((it.writes[index] ?? 0) - at)).toBeLessThanOrEqual(100);
  });

  test("writes a change at once, and never twice within 200 ms", async () => {
    const it = play(0.5);
    for (let change = 0; change < 50; change++) {
      it.renewal.changed();
      it.clock.advance(20);
      await turn();
    }
    // 50 changes in a second.
    expect(it.writes.length).toBeGreaterThan(3);
    const gaps = it.writes.slice(1).map((at, index) => at - (it.writes[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(200);
    it.clock.advance(5_000);
    await turn();
    const before = it.writes.length;
    it.renewal.changed();
    it.clock.advance(0);
    expect(it.writes).toHaveLength(before + 1);
    await it.renewal.stop();
  });

  test("tries again after 1, 2, 4, 8, 10 and 10 s, and then renews as before", async () => {
    const it = play(0.5, [false, false, false, false, false, false]);
    it.renewal.changed();
    it.clock.advance(0);
    await turn();
    await it.pass(46_000);
    expect(it.writes).toEqual([0, 1_000, 3_000, 7_000, 15_000, 25_000, 35_000, 45_000]);
  });

  test("does not hurry because of a change while writes fail", async () => {
    const it = play(0.5, [false, false]);
    it.renewal.changed();
    it.clock.advance(0);
    await turn();
    it.clock.advance(500);
    it.renewal.changed();
    await it.pass(400);
    expect(it.writes).toEqual([0]);
    await it.pass(100);
    expect(it.writes).toEqual([0, 1_000]);
  });

  test("writes nothing once it has stopped", async () => {
    const it = play(0.5);
    it.renewal.changed();
    it.clock.advance(0);
    await it.renewal.stop();
    it.renewal.changed();
    await it.pass(30_000);
    expect(it.writes).toEqual([0]);
  });
});
