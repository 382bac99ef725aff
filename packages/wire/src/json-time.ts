import { Misfit } from "./misfit.ts";
import { zeroTime } from "./protobuf-reader.ts";

/** A point in time: Unix seconds, and the rest in whole microseconds, 0 to 999,999. */
export interface Instant {
  readonly seconds: number;
  readonly microseconds: number;
}

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const plain = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Reads an RFC 3339 time with any fraction and offset. Throws a Misfit for anything else. */
export function parseRfc3339(text: string): Instant {
  // What a server writes, without the cost of groups.
  if (plain.test(text)) return { seconds: secondsOf(text), microseconds: 0 };
  const match = rfc3339.exec(text);
  if (match === null) throw invalid(text);
  const [fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match.slice(1);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -60 : 60);
  return {
    seconds: secondsOf(text) - offset,
    microseconds: Number(fraction.slice(0, 6).padEnd(6, "0")),
  };
}

/** The seconds of the date and time in the first 19 characters, which are known to be digits where digits should be. */
function secondsOf(text: string): number {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lastDay = month === 2 && leap ? 29 : (daysOfMonth[month - 1] ?? 0);
  if (day < 1 || day > lastDay || hour > 23 || minute > 59 || second > 59) throw invalid(text);
  // Days since 0000-03-01, so that the leap day is the last of its year.
  const shifted = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const leapDays = Math.floor(shifted / 4) - Math.floor(shifted / 100) + Math.floor(shifted / 400);
  const days = 365 * shifted + leapDays + dayOfYear - daysTo1970;
  return ((days * 24 + hour) * 60 + minute) * 60 + second;
}

const daysOfMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** From 0000-03-01. */
const daysTo1970 = 719_468;

function digits(text: string, start: number, end: number): number {
  let number = 0;
  for (let index = start; index < end; index++) number = number * 10 + text.charCodeAt(index) - 48;
  return number;
}

/** Whole Unix seconds, rounded down; `undefined` for Go's zero time. */
export function unixSecondsFloored(at: Instant): number | undefined {
  return isZero(at) ? undefined : at.seconds;
}

/** Unix seconds with their fraction; `undefined` for Go's zero time. */
export function unixSeconds(at: Instant): number | undefined {
  return isZero(at) ? undefined : at.seconds + at.microseconds / 1_000_000;
}

export const isZero = ({ seconds, microseconds }: Instant): boolean =>
  seconds === zeroTime && microseconds === 0;

const invalid = (text: string): Misfit =>
  new Misfit(`should be an RFC 3339 time and is ${JSON.stringify(text)}`);
