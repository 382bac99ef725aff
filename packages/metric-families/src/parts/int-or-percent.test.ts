import { expect, test } from "vitest";
import { scaled } from "./int-or-percent.ts";

test.each([
  [10, 200, { down: 10, up: 10 }],
  [-3, 2, { down: -3, up: -3 }],
  ["25%", 5, { down: 1, up: 2 }],
  ["20%", 5, { down: 1, up: 1 }],
  ["25%", 10, { down: 2, up: 3 }],
  ["33%", 10, { down: 3, up: 4 }],
  ["0%", 7, { down: 0, up: 0 }],
  ["100%", 7, { down: 7, up: 7 }],
  ["150%", 3, { down: 4, up: 5 }],
  ["1%", 1, { down: 0, up: 1 }],
  ["29%", 100, { down: 29, up: 29 }],
  ["58%", 50, { down: 29, up: 29 }],
  ["55%", 0, { down: 0, up: 0 }],
  ["+25%", 10, { down: 2, up: 3 }],
  ["-25%", 10, { down: -3, up: -2 }],
])("%s of %d is %o, rounded", (field, total, { down, up }) => {
  expect(scaled(field, total, Math.floor)).toBe(down);
  // A negative zero is a zero: the exposition writes both alike.
  expect(scaled(field, total, Math.ceil)).toBeCloseTo(up, 10);
});

test.each(["25", "", "%", "12.5%", " 25%", "25 %", "25%%", "abc%", "not-a-percentage"])(
  "%j is no percentage",
  (field) => {
    expect(scaled(field, 10, Math.floor)).toBeUndefined();
  },
);

test("nothing is scaled where the field or the total is not set", () => {
  expect(scaled(undefined, 10, Math.floor)).toBeUndefined();
  expect(scaled("50%", undefined, Math.floor)).toBeUndefined();
  expect(scaled(5, undefined, Math.floor)).toBeUndefined();
});
