import { expect, test } from "vitest";
import { everySeconds } from "./duration.ts";

test.each([
  ["1s", 1],
  ["+90s", 90],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["1.h", 3600],
  [".5m", 30],
  ["30m1h", 5400],
  ["1m1m", 120],
  ["1000ms", 1],
  ["1500000us", 1],
  ["2000000\u00b5s", 2],
  ["2000000\u03bcs", 2],
  ["3000000000ns", 3],
  ["0.9s100ms", 1],
  ["2562047h", 9_223_369_200],
])("%s has that many whole seconds, the rest being cut off", (text, seconds) => {
  expect(everySeconds(text)).toBe(seconds);
});

test.each(["0", "0s", "500ms", "0.999999999s", "-1h", "-1ns"])(
  "%s is refused, as it is below one second",
  (text) => {
    expect(everySeconds(text)).toBeUndefined();
  },
);

test.each([
  "",
  "1",
  "h",
  ".s",
  "1d",
  "1 h",
  " 1h",
  "1h ",
  "1H",
  "1h-5m",
  "1e3s",
  "++1s",
  "1h30",
  "1,5s",
])("%j is refused, as it is no duration", (text) => {
  expect(everySeconds(text)).toBeUndefined();
});

test("a duration beyond 64 bits of nanoseconds is refused", () => {
  expect(everySeconds("2562048h")).toBeUndefined();
  expect(everySeconds(`${"9".repeat(900)}h`)).toBeUndefined();
});

test("a fraction of any length is read as Go reads it", () => {
  expect(everySeconds(`1.${"3".repeat(900)}m`)).toBe(80);
  expect(everySeconds(`0.${"9".repeat(900)}s`)).toBe(1);
  expect(everySeconds(`1.${"0".repeat(900)}1s`)).toBe(1);
});
