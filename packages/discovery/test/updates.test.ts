import { expect, test } from "vitest";
import { Updates } from "../src/updates.ts";

/** Time that passes only when told to. */
class ManualClock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > until) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = until;
  }
}

function started({ busy = () => false }: { busy?: () => boolean } = {}) {
  const clock = new ManualClock();
  const offers: number[] = [];
  const offer = (): boolean => {
    offers.push(clock.now());
    return !busy();
  };
  const updates = new Updates({ offer, clock, random: () => 0.5 });
  updates.start();
  return { clock, offers, updates };
}

test("the first change is offered after 100 ms, however often it is triggered", () => {
  const { clock, offers, updates } = started();
  for (let i = 0; i < 1_000; i += 1) updates.trigger();
  clock.pass(20_000);
  expect(offers).toEqual([100]);
});

test("after 5 s of quiet a change is offered within 150 ms", () => {
  const { clock, offers, updates } = started();
  updates.trigger();
  clock.pass(60_000);
  updates.trigger();
  clock.pass(150);
  expect(offers).toHaveLength(2);
});

test("under continuous changes offers become rarer, to one in 5 s, and the last change is offered too", () => {
  const { clock, offers, updates } = started();
  for (let i = 0; i < 1_200; i += 1) {
    updates.trigger();
    clock.pass(50);
  }
  clock.pass(20_000);
  const gaps = offers.slice(1).map((at, index) => at - (offers[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000);
  // 100 ms, half as long again each time, then about one in 5 s of the minute.
  expect(offers.length).toBeLessThan(60);
  expect(offers.at(-1)).toBeGreaterThanOrEqual(60_000);
});

test("what a busy receiver did not take is offered again, and only then", () => {
  let busy = true;
  const { clock, offers, updates } = started({ busy: () => busy });
  updates.trigger();
  clock.pass(1_000);
  expect(offers.length).toBeGreaterThan(1);
  busy = false;
  clock.pass(2_000);
  const taken = offers.length;
  clock.pass(60_000);
  expect(offers).toHaveLength(taken);
});

test("nothing is offered after the stop", () => {
  const { clock, offers, updates } = started();
  updates.trigger();
  updates.stop();
  clock.pass(60_000);
  expect(offers).toEqual([]);
});
