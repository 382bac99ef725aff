import fc from "fast-check";
import { expect, test } from "vitest";
import { timeZone } from "./time-zone.ts";

test.each([
  "UTC",
  "Etc/UTC",
  "Europe/Berlin",
  "US/Eastern",
  "EST5EDT",
  "Etc/GMT+5",
  "Asia/Calcutta",
  "GB-Eire",
  "GMT0",
])("%s is a zone or a link of the database", (name) => {
  expect(timeZone(name)).toBeDefined();
});

test.each([
  "",
  "utc",
  "europe/berlin",
  "Europe/berlin",
  "Asia",
  "Mars/Base",
  "Z",
  "+09:00",
  "-09:00",
  "/UTC",
  "../etc/UTC",
  "Europe/Berlin ",
  "America/New York",
  "local",
  "Factory\0",
  "PST",
  "IST",
  "A".repeat(65),
])("%j is not: spelling counts, and offsets and abbreviations are no names", (name) => {
  expect(timeZone(name)).toBeUndefined();
});

test("Local is the zone of this process", () => {
  const seconds = 1_720_000_000;
  expect(timeZone("Local")?.offsetAt(seconds)).toBe(
    -new Date(seconds * 1000).getTimezoneOffset() * 60 || 0,
  );
});

test("the offset changes in exactly the second of a transition, whichever side was asked before", () => {
  const zone = timeZone("Europe/Berlin")!;
  const summer = Date.UTC(2024, 2, 31, 1) / 1000;
  const asked = [summer - 1, summer, summer - 1, summer, summer + 86_400 * 300, summer - 1];
  expect(asked.map((seconds) => zone.offsetAt(seconds))).toEqual([
    3600, 7200, 3600, 7200, 3600, 3600,
  ]);
});

test("offsets of less than a minute are kept", () => {
  expect(timeZone("Africa/Monrovia")?.offsetAt(0)).toBe(-2670);
});

const names = ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "UTC"];

test("offsets are those of the platform's calendar, in whatever order they are asked for", () => {
  const instants = fc.integer({ min: 0, max: 2 ** 32 });
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(instants), (name, times) => {
      const zone = timeZone(name)!;
      for (const seconds of times)
        expect(zone.offsetAt(seconds)).toBe(calendarOffset(name, seconds));
    }),
  );
});

function calendarOffset(timeZoneName: string, seconds: number): number {
  const shown = new Date(seconds * 1000).toLocaleString("sv-SE", { timeZone: timeZoneName });
  return Date.parse(`${shown.replace(" ", "T")}Z`) / 1000 - seconds;
}
