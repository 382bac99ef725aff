import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Slices } from "./slices.ts";

/** Time that passes by work only. */
function clock(): { now(): number; work(ms: number): void } {
  let time = 0;
  return {
    now: () => time,
    work: (ms) => {
      time += ms;
    },
  };
}

test("within 8 ms of work nobody waits, after them everybody does until the next turn", async () => {
  const time = clock();
  const slices = new Slices(time);
  expect(slices.pause()).toBeUndefined();
  time.work(7.9);
  expect(slices.pause()).toBeUndefined();
  time.work(0.2);
  const pause = slices.pause();
  expect(pause).toBeInstanceOf(Promise);
  await pause;
  expect(slices.pause()).toBeUndefined();
});

test("all share the 8 ms of a turn, and timers get in between", async () => {
  const time = clock();
  const slices = new Slices(time);
  let turns = 0;
  let running = true;
  const counting = (async () => {
    while (running) {
      await turn();
      turns += 1;
    }
  })();
  const worker = async (): Promise<void> => {
    for (let item = 0; item < 50; item++) {
      await slices.pause();
      time.work(1);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  running = false;
  await counting;
  // 200 ms of work in slices of 8 ms.
  expect(turns).toBeGreaterThanOrEqual(200 / 8 - 1);
});

test("a new turn starts with its full time, however long ago the last work was", async () => {
  const time = clock();
  const slices = new Slices(time);
  expect(slices.pause()).toBeUndefined();
  await turn();
  await turn();
  time.work(1000);
  expect(slices.pause()).toBeUndefined();
  expect(slices.pause()).toBeUndefined();
});
