import { describe, expect, test } from "vitest";
import { parseField, type Bounds } from "./field.ts";

const minute: Bounds = { low: 0, high: 59 };
const day: Bounds = { low: 1, high: 31 };
const month: Bounds = {
  low: 1,
  high: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const weekday: Bounds = {
  low: 0,
  high: 7,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

function valuesOf(text: string, bounds: Bounds): number[] | undefined {
  const set = parseField(text, bounds);
  return set && [...set].sort((left, right) => left - right);
}

describe("a field is the union of its items", () => {
  test.each<[string, Bounds, number[]]>([
    ["5", minute, [5]],
    ["05", minute, [5]],
    ["+5", minute, [5]],
    ["1,3,2,3", minute, [1, 2, 3]],
    ["1,,2,", minute, [1, 2]],
    [",", minute, []],
    ["10-12", minute, [10, 11, 12]],
    ["7-7", minute, [7]],
    ["*/20", minute, [0, 20, 40]],
    ["50/5", minute, [50, 55]],
    ["59/1", minute, [59]],
    ["0-10/5,3", minute, [0, 3, 5, 10]],
    ["?", weekday, [0, 1, 2, 3, 4, 5, 6, 7]],
    ["*-5", weekday, [0, 1, 2, 3, 4, 5, 6, 7]],
    ["*-5-9/4", weekday, [0, 4]],
  ])("%s", (text, bounds, values) => {
    expect(valuesOf(text, bounds)).toEqual(values);
  });
});

describe("a range may wrap around", () => {
  test.each<[string, Bounds, number[]]>([
    ["58-1", minute, [0, 1, 58, 59]],
    ["50-10/5", minute, [0, 5, 10, 50, 55]],
    ["30-2", day, [1, 2, 30, 31]],
    ["NOV-FEB", month, [1, 2, 11, 12]],
    ["6-2/2", weekday, [0, 2, 6]],
  ])("%s", (text, bounds, values) => {
    expect(valuesOf(text, bounds)).toEqual(values);
  });

  test("and then may end below the lowest value, one before its first", () => {
    expect(valuesOf("5-0", day)).toEqual(Array.from({ length: 27 }, (_, index) => index + 5));
  });
});

test("months and weekdays may be named, in any case, by exactly three letters", () => {
  expect(valuesOf("JAN,mar,Dec", month)).toEqual([1, 3, 12]);
  expect(valuesOf("SuN,fri-SAT", weekday)).toEqual([0, 5, 6]);
  expect(parseField("january", month)).toBeUndefined();
  expect(parseField("ja", month)).toBeUndefined();
  expect(parseField("sun", month)).toBeUndefined();
  expect(parseField("jan", minute)).toBeUndefined();
  expect(parseField("*/feb", month)).toBeUndefined();
});

describe("a step has to be smaller than its range, unless it is 1", () => {
  test.each(["*/60", "30/30", "59/2", "0-30/31", "58-1/4", "*/0"])("%s is refused", (text) => {
    expect(parseField(text, minute)).toBeUndefined();
  });
  test.each(["*/59", "30/29", "0-30/30", "58-1/3", "7-7/1"])("%s is taken", (text) => {
    expect(parseField(text, minute)?.size).toBeGreaterThan(0);
  });
});

describe("anything else is refused", () => {
  const texts = ["60", "-5", "5-", "1-60", "1-5-7", "1/2/3", "*x", "x", "1.5", "1 2", "0x1", "5/"];
  test.each([...texts, "/5", "1_0", "٣", "9".repeat(400), `*/${"9".repeat(400)}`, "1,x"])(
    "%s",
    (text) => {
      expect(parseField(text, minute)).toBeUndefined();
    },
  );
  test.each(["0", "32", "0-5", "L", "15W"])("%s as a day", (text) => {
    expect(parseField(text, day)).toBeUndefined();
  });
});
