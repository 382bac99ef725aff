import { expect, test } from "vitest";
import { ManualClock } from "../test/manual-clock.ts";
import { Backoff } from "./backoff.ts";

test("delays grow as client-go's, up to 30 s, and the random part at most doubles them", () => {
  const clock = new ManualClock();
  const least = new Backoff(clock, () => 0);
  const most = new Backoff(clock, () => 0.999999);
  const seconds = [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30, 30];
  expect(seconds.map(() => least.next() / 1000)).toEqual(seconds);
  for (const delay of seconds) {
    const ms = most.next();
    expect(ms).toBeLessThan(2 * delay * 1000);
    expect(ms).toBeGreaterThan(1.99 * delay * 1000);
  }
});

test("failures that take minutes each do not start the delays over; a success and two quiet minutes do", () => {
  const clock = new ManualClock();
  const backoff = new Backoff(clock, () => 0);
  backoff.next();
  clock.advance(180_000);
  expect(backoff.next()).toBe(1600);
  backoff.worked();
  clock.advance(119_999);
  expect(backoff.next()).toBe(3200);
  backoff.worked();
  clock.advance(120_000);
  expect(backoff.next()).toBe(800);
});

test("the server's wish counts where it is longer, at most five minutes of it", () => {
  const backoff = new Backoff(new ManualClock(), () => 0);
  expect(backoff.next(10)).toBe(10_000);
  expect(backoff.next(1)).toBe(1600);
  expect(backoff.next(1e9)).toBe(300_000);
});
