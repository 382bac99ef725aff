import fc from "fast-check";
import { expect, test } from "vitest";
import { Misfit } from "./misfit.ts";
import { parseRfc3339 } from "./json-time.ts";

test("every day of the calendar is read as JavaScript's Date reads it", () => {
  const range = { min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z") };
  fc.assert(
    fc.property(fc.date({ ...range, noInvalidDate: true }), (date) => {
      const whole = Math.floor(date.getTime() / 1000);
      const text = date.toISOString();
      expect(parseRfc3339(text.replace(/\.\d+Z$/, "Z"))).toEqual({
        seconds: whole,
        microseconds: 0,
      });
      expect(parseRfc3339(text)).toEqual({
        seconds: whole,
        microseconds: (date.getTime() - whole * 1000) * 1000,
      });
    }),
    { numRuns: 2000 },
  );
});

test("leap days exist in leap years only", () => {
  for (const year of ["1900", "2023", "2100"])
    expect(() => parseRfc3339(`${year}-02-29T00:00:00Z`)).toThrow(Misfit);
  for (const year of ["1904", "2000", "2024"])
    expect(parseRfc3339(`${year}-02-29T00:00:00Z`).seconds).toBe(
      Date.UTC(Number(year), 1, 29) / 1000,
    );
});
