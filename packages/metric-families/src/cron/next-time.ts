import { zeroTime } from "../parts/metadata.ts";
import type { FieldSchedule, Schedule } from "./schedule.ts";
import type { TimeZone } from "./time-zone.ts";

/** Years after the one of the base that are searched. */
const searchedYears = 5;
/** More steps than the longest search takes; ends those that the clock changes of a zone would lead in a circle. */
const maxSteps = 10_000;
/** Beyond this a `Date` cannot follow the search (seconds; about 270,000 years). */
const farthest = 8.6e12;

/**
 * The first time after `base` at which the schedule is due (both Unix seconds; fractions of the base are dropped). The zero time,
 * as in the reference, when there is none within five years. Reads no clock: it may lie in the past.
 */
export function nextTime(schedule: Schedule, base: number): number {
  switch (schedule.kind) {
    case "every":
      return Math.floor(base) + schedule.seconds;
    case "never":
      return zeroTime;
    case "fields":
      return Math.abs(base) < farthest
        ? new Search(schedule, Math.floor(base) + 1).run()
        : zeroTime;
  }
}

interface LocalTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/**
 * One search. Field by field, from the month down, time moves on until the field matches; when that carries into a larger field,
 * it begins again. What happens around clock changes follows from exactly these steps and from `at`, as in the reference.
 */
class Search {
  readonly #schedule: FieldSchedule;
  readonly #zone: TimeZone;
  #time: number;
  /** Whether the smaller fields were set to their lowest values, which happens once, at the first field that does not match. */
  #lowered = false;
  #steps = 0;

  constructor(schedule: FieldSchedule, start: number) {
    this.#schedule = schedule;
    this.#zone = schedule.zone;
    this.#time = start;
  }

  run(): number {
    const limit = this.#local().year + searchedYears;
    while (this.#local().year <= limit && this.#steps < maxSteps) {
      this.#steps++;
      if (
        this.#findMonth() &&
        this.#findDay() &&
        this.#findHour() &&
        this.#findMinute() &&
        this.#isWholeMinute()
      )
        return this.#time;
    }
    return zeroTime;
  }

  /** Each of these is false where a larger field changed. */
  #findMonth(): boolean {
    let local = this.#local();
    while (!this.#schedule.months.has(local.month)) {
      if (this.#lower()) local = this.#moveTo({ ...midnight(local), day: 1 });
      local = this.#moveTo({ ...local, month: local.month + 1 });
      if (local.month === 1 || this.#isExhausted()) return false;
    }
    return true;
  }

  #findDay(): boolean {
    const { daysOfMonth, daysOfWeek } = this.#schedule;
    let local = this.#local();
    while (!daysOfMonth.has(local.day) || !daysOfWeek.has(local.weekday)) {
      if (this.#lower()) local = this.#moveTo(midnight(local));
      const before = this.#time;
      const { hour } = this.#moveTo({ ...local, day: local.day + 1 });
      // A clock change at midnight leaves another hour; the nearest midnight is taken instead.
      if (hour !== 0) this.#time += (hour > 12 ? 24 - hour : -hour) * 3600;
      // A zone that skipped a whole day would hold the search there for ever.
      if (this.#time === before) this.#time += 86_400;
      local = this.#local();
      if (local.day === 1 || this.#isExhausted()) return false;
    }
    return true;
  }

  #findHour(): boolean {
    const { hours } = this.#schedule;
    let hour = this.#hour();
    while (!hours.has(hour)) {
      if (this.#lower()) hour = this.#moveTo({ ...this.#local(), minute: 0, second: 0 }).hour;
      const before = hour;
      this.#time += 3600;
      hour = this.#hour();
      // An hour that the clock skipped is made up for in the one after it.
      if (hour - before === 2 && hours.has(hour - 1)) return true;
      if (hour === 0 || this.#isExhausted()) return false;
    }
    return true;
  }

  #findMinute(): boolean {
    const { minutes } = this.#schedule;
    let minute = this.#minute();
    while (!minutes.has(minute)) {
      if (this.#lower()) this.#time = Math.floor(this.#time / 60) * 60;
      this.#time += 60;
      minute = this.#minute();
      if (minute === 0 || this.#isExhausted()) return false;
    }
    return true;
  }

  #isWholeMinute(): boolean {
    const second = modulo(this.#localSeconds(), 60);
    if (second === 0) return true;
    this.#time += 60 - second;
    return false;
  }

  #lower(): boolean {
    if (this.#lowered) return false;
    this.#lowered = true;
    return true;
  }

  #isExhausted(): boolean {
    return ++this.#steps >= maxSteps;
  }

  #moveTo(local: LocalTime): LocalTime {
    this.#time = at(this.#zone, local);
    return this.#local();
  }

  #local(): LocalTime {
    const date = new Date(this.#localSeconds() * 1000);
    return {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
    };
  }

  // The longest loops need one field each, which takes no calendar.
  #hour(): number {
    return Math.floor(modulo(this.#localSeconds(), 86_400) / 3600);
  }

  #minute(): number {
    return Math.floor(modulo(this.#localSeconds(), 3600) / 60);
  }

  #localSeconds(): number {
    return this.#time + this.#zone.offsetAt(this.#time);
  }
}

/** The remainder that is never negative. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

function midnight(local: LocalTime): LocalTime {
  return { ...local, hour: 0, minute: 0, second: 0 };
}

/** The instant of a local time whose fields may overflow; which one, for a time that is skipped or repeated, is Go's `time.Date`. */
function at(zone: TimeZone, local: LocalTime): number {
  const { year, month, day, hour, minute, second } = local;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
  const offset = zone.offsetAt(asUtc);
  return asUtc - (offset === 0 ? 0 : zone.offsetAt(asUtc - offset));
}
