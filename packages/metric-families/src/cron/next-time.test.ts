import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nextTime } from "./next-time.ts";
import { cronSchedule, type Schedule } from "./schedule.ts";

interface Vector {
  readonly schedule: string;
  /** `null`: absent. */
  readonly timeZone: string | null;
  readonly from: string;
  /** `null`: the schedule is invalid. */
  readonly next: number | null;
}

const zeroTime = Date.parse("0001-01-01T00:00:00Z") / 1000;
const file = new URL("../../test/cron-vectors.json", import.meta.url);
/** What the reference's schedule library answers in a process whose zone is UTC. */
const vectors: Vector[] = JSON.parse(readFileSync(file, "utf8"));

// What names no zone is in that of the process.
process.env["TZ"] = "UTC";

test.each(vectors)("$schedule in $timeZone after $from is what the reference says", (vector) => {
  const schedule = cronSchedule(vector.schedule, vector.timeZone ?? undefined);
  const next = schedule === undefined ? null : nextTime(schedule, seconds(vector.from));
  expect(next).toBe(vector.next);
});

describe("where the reference would search for ever", () => {
  // Samoa had no 30 December 2011.
  test("a skipped day is passed over", () => {
    expect(next("0 0 31 12 *", "Pacific/Apia", "2011-12-20T00:00:00Z")).toBe(
      seconds("2011-12-30T10:00:00Z"),
    );
    expect(next("0 0 30 12 *", "Pacific/Apia", "2011-12-20T00:00:00Z")).toBe(
      seconds("2012-12-29T10:00:00Z"),
    );
  });

  test.each(["Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Apia"])(
    "the search of any day ends in %s",
    (zone) => {
      for (let day = 1; day <= 31; day++)
        for (const year of [1993, 1994, 2011])
          expect(next(`0 5 ${day} * *`, zone, `${year}-01-01T00:00:00Z`)).toBeGreaterThan(
            seconds(`${year}-01-01T00:00:00Z`),
          );
    },
  );
});

test("a fraction of the base does not count", () => {
  const minutely = cronSchedule("* * * * *", "UTC")!;
  expect(nextTime(minutely, 59.999)).toBe(60);
  expect(nextTime(minutely, -60.5)).toBe(-60);
  expect(nextTime(cronSchedule("@every 10s", undefined)!, 59.999)).toBe(69);
});

test("a base that no calendar reaches has no next time", () => {
  const minutely = cronSchedule("* * * * *", "Europe/Berlin")!;
  for (const base of [8.64e12, -8.64e12, 1e300, Infinity, Number.NaN])
    expect(nextTime(minutely, base)).toBe(zeroTime);
  expect(nextTime(minutely, 8.59e12)).toBe(8.59e12 + 20);
});

/** Any field text of numbers, lists, ranges and steps within the bounds. */
function field(low: number, high: number): fc.Arbitrary<string> {
  const number = fc.integer({ min: low, max: high });
  const item = fc.oneof(
    fc.constant("*"),
    number.map(String),
    fc.tuple(number, number).map(([first, last]) => `${first}-${last}`),
    fc.integer({ min: 1, max: high - low }).map((step) => `*/${step}`),
  );
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join(","));
}

const anyFields = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7));
const anyBase = fc.integer({ min: 0, max: 4e9 });

test("in UTC the next time is the first minute after the base that matches all five fields", () => {
  fc.assert(
    fc.property(anyFields, anyBase, (fields, base) => {
      const schedule = cronSchedule(fields.join(" "), "UTC")!;
      const time = nextTime(schedule, base);
      const first = firstMatch(schedule, base);
      expect(time).toBe(first ?? time);
      expect(time === zeroTime || matches(schedule, time)).toBe(true);
    }),
  );
});

test("in any zone it is a whole minute after the base, or the zero time", () => {
  const zones = fc.constantFrom(
    "America/New_York",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
  );
  fc.assert(
    fc.property(anyFields, zones, anyBase, (fields, zone, base) => {
      const time = nextTime(cronSchedule(fields.join(" "), zone)!, base);
      expect(time === zeroTime || (time > base && time % 60 === 0)).toBe(true);
    }),
  );
});

/** The first minute that matches within three days, tried one by one. */
function firstMatch(schedule: Schedule, base: number): number | undefined {
  const first = (Math.floor(base / 60) + 1) * 60;
  for (let time = first; time < first + 3 * 86_400; time += 60)
    if (matches(schedule, time)) return time;
  return undefined;
}

function matches(schedule: Schedule, time: number): boolean {
  if (schedule.kind !== "fields") throw new Error("expected a schedule of fields");
  const date = new Date(time * 1000);
  return (
    schedule.minutes.has(date.getUTCMinutes()) &&
    schedule.hours.has(date.getUTCHours()) &&
    schedule.daysOfMonth.has(date.getUTCDate()) &&
    schedule.months.has(date.getUTCMonth() + 1) &&
    schedule.daysOfWeek.has(date.getUTCDay())
  );
}

function next(text: string, zone: string, from: string): number {
  return nextTime(cronSchedule(text, zone)!, seconds(from));
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}
