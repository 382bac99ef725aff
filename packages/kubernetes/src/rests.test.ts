import { beforeEach, expect, test } from "vitest";
import { ManualClock } from "../test/manual-clock.ts";
import { Rests } from "./rests.ts";

const calls: string[] = [];
const source = {
  pause: (): void => void calls.push("pause"),
  resume: (): void => void calls.push("resume"),
};
const event = 6_000;
const burst = 300_000;
let clock = new ManualClock();

beforeEach(() => {
  clock = new ManualClock();
  calls.length = 0;
});

/** A connection of which 300,000 bytes in one turn are known to be all there was. */
function settled(): Rests {
  const rests = new Rests(200, source, clock);
  rests.turnEnded(burst);
  clock.advance(50);
  clock.advance(200);
  expect(calls.splice(0)).toEqual(["pause", "resume"]);
  return rests;
}

/** One that has brought something twice just now. */
function busy(): Rests {
  const rests = new Rests(200, source, clock);
  rests.turnEnded(event);
  rests.turnEnded(event);
  return rests;
}

test("events that come now and then are not followed by a rest", () => {
  const rests = new Rests(200, source, clock);
  for (let turn = 0; turn < 10; turn++) {
    rests.turnEnded(event);
    rests.turnEnded(event);
    clock.advance(401);
  }
  expect(calls).toEqual([]);
});

test("the third turn in a row that brought little is followed by a rest of the given time, and so are those after it", () => {
  const rests = busy();
  expect(calls).toEqual([]);
  rests.turnEnded(event);
  expect(calls).toEqual(["pause"]);
  clock.advance(199);
  expect(calls).toEqual(["pause"]);
  clock.advance(1);
  expect(calls).toEqual(["pause", "resume"]);
  clock.advance(150);
  rests.turnEnded(event);
  expect(calls).toEqual(["pause", "resume", "pause"]);
});

test("a turn that brought much is not followed by a rest before 50 ms have shown that no more was on its way", () => {
  const rests = new Rests(200, source, clock);
  rests.turnEnded(burst);
  clock.advance(20);
  rests.turnEnded(event);
  clock.advance(29);
  expect(calls).toEqual([]);
  clock.advance(1);
  expect(calls).toEqual(["pause"]);
});

test("a backlog is read on for as long as it lasts", () => {
  const rests = new Rests(200, source, clock);
  for (let turn = 0; turn < 100; turn++) {
    rests.turnEnded(burst);
    clock.advance(10);
  }
  expect(calls).toEqual([]);
  clock.advance(100);
  expect(calls).toEqual(["pause"]);
});

test("a turn that brought no more than one that was all there was is followed by a rest at once", () => {
  settled().turnEnded(burst);
  expect(calls).toEqual(["pause"]);
});

test("a turn that brought more than any before is looked at", () => {
  settled().turnEnded(burst + 1);
  expect(calls).toEqual([]);
});

test("a connection that holds less than it did is found out: after 16 rests a turn is looked at", () => {
  const rests = settled();
  // The one that showed that nothing followed was the first.
  for (let rest = 1; rest <= 16; rest++) {
    rests.turnEnded(burst / 2);
    clock.advance(200);
  }
  expect(calls.filter((call) => call === "resume")).toHaveLength(15);
  clock.advance(50);
  expect(calls.at(-1)).toBe("resume");
});

test("nothing is taken up again after a stop", () => {
  const rests = busy();
  rests.turnEnded(event);
  rests.stop();
  clock.advance(1_000);
  expect(calls).toEqual(["pause"]);
});
