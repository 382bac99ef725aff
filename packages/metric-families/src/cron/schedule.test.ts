import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextTime } from "./next-time.ts";
import { cronSchedule } from "./schedule.ts";

const base = Date.UTC(2024, 0, 10, 12, 34, 56) / 1000;

function next(text: string, zone?: string): number | undefined {
  const schedule = cronSchedule(text, zone);
  return schedule && nextTime(schedule, base);
}

describe("a descriptor stands for fields", () => {
  test.each([
    ["@yearly", "0 0 1 1 *"],
    ["@annually", "0 0 1 1 *"],
    ["@monthly", "0 0 1 * *"],
    ["@weekly", "0 0 * * 0"],
    ["@daily", "0 0 * * *"],
    ["@midnight", "0 0 * * *"],
    ["@hourly", "0 * * * *"],
  ])("%s for %s", (descriptor, fields) => {
    expect(next(descriptor, "UTC")).toBe(next(fields, "UTC"));
  });

  test.each(["@triggered", "@manual", "@none"])("%s for never", (descriptor) => {
    expect(cronSchedule(descriptor, undefined)).toEqual({ kind: "never" });
  });

  test.each(["@Daily", "@daily ", " @daily", "@reboot", "@every", "@every  1h", "@", "@toString"])(
    "%j for nothing",
    (text) => {
      expect(cronSchedule(text, undefined)).toBeUndefined();
    },
  );
});

describe("a zone can be named in front of the schedule", () => {
  const tokyo = next("0 9 * * *", "Asia/Tokyo");

  test.each([
    "TZ=Asia/Tokyo 0 9 * * *",
    "CRON_TZ=Asia/Tokyo 0 9 * * *",
    'CRON_TZ="Asia/Tokyo" 0 9 * * *',
    "TZ='Asia/Tokyo'  0 9 * * *\t",
  ])("%s", (text) => {
    expect(tokyo).toBeDefined();
    expect(next(text)).toBe(tokyo);
  });

  test.each([
    "TZ=Asia/Tokyo",
    "TZ=Asia/Tokyo ",
    "TZ= 0 9 * * *",
    "tz=UTC 0 9 * * *",
    "TZ=\"Asia/Tokyo' 0 9 * * *",
    'TZ="" 0 9 * * *',
    "TZ=Asia/Tokyo\t0 9 * * *",
  ])("%j is refused", (text) => {
    expect(cronSchedule(text, undefined)).toBeUndefined();
  });

  test("but not in front of one with a zone field", () => {
    expect(cronSchedule("TZ=Asia/Tokyo 0 9 * * *", "UTC")).toBeUndefined();
  });
});

test("an empty zone field is a zone without a name, which there is not", () => {
  expect(cronSchedule("0 9 * * *", "")).toBeUndefined();
});

describe("there are five fields with any white space between them", () => {
  test.each([" 5\t4  * * * ", "5\u00a04\u3000*\u2028*\u0085*", "5\n4\r*\f*\v*"])("%j", (text) => {
    expect(next(text)).toBe(next("5 4 * * *"));
  });
  test.each(["", "   ", "* * * *", "0 * * * * *", "5\ufeff4 * * *"])("%j is refused", (text) => {
    expect(cronSchedule(text, undefined)).toBeUndefined();
  });
});

test("a field without any value is valid and never due", () => {
  for (const text of [", * * * *", "* , * * *", "* * , * *", "* * * , *", "* * * * ,"])
    expect(cronSchedule(text, undefined)).toEqual({ kind: "never" });
});

test("0 and 7 are both Sunday", () => {
  for (const text of ["0 0 * * 7", "0 0 * * 0,7"]) expect(next(text)).toBe(next("0 0 * * 0"));
});

test("more than 1024 bytes, the zone included, are refused", () => {
  const padded = (zeros: number): string => `${"0".repeat(zeros)} * * * *`;
  expect(cronSchedule(padded(1016), undefined)).toBeDefined();
  expect(cronSchedule(padded(1017), undefined)).toBeUndefined();
  expect(cronSchedule(padded(1016), "UTC")).toBeUndefined();
  expect(cronSchedule(`0 * * * *${"\u3000".repeat(338)}`, undefined)).toBeDefined();
  expect(cronSchedule(`0 * * * *${"\u3000".repeat(339)}`, undefined)).toBeUndefined();
});

test("a schedule is read once", () => {
  const once = cronSchedule("17 3 * * *", "Europe/Paris");
  expect(cronSchedule("17 3 * * *", "Europe/Paris")).toBe(once);
  expect(cronSchedule("17 3 * * *", "Europe/Rome")).not.toBe(once);
});

test("no text makes it throw", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .array(fc.constantFrom(..."0123456789*?/-,+ @=\"'TZ".split("")), { maxLength: 40 })
      .map((list) => list.join("")),
  );
  fc.assert(
    fc.property(texts, fc.option(texts, { nil: undefined }), (schedule, zone) => {
      expect(() => cronSchedule(schedule, zone)).not.toThrow();
    }),
  );
});
