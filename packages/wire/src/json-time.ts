import { zeroTime } from "./protobuf-reader.ts";
import { wireError } from "./wire-error.ts";

const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Whole Unix seconds of an RFC 3339 time, its fraction rounded down; `undefined` for Go's zero time. Throws `WIRE_INVALID`. */
export function timeOf(text: string, path: string): number | undefined {
  const { seconds, microseconds } = parseRfc3339(text, path);
  return seconds === zeroTime && microseconds === 0 ? undefined : seconds;
}

/** Likewise with the fraction, in whole microseconds. */
export function microTimeOf(text: string, path: string): number | undefined {
  const { seconds, microseconds } = parseRfc3339(text, path);
  if (seconds === zeroTime && microseconds === 0) return undefined;
  return microseconds === 0 ? seconds : seconds + microseconds / 1_000_000;
}

/** Seconds and the rest in whole microseconds. Throws `WIRE_INVALID`. */
export function parseRfc3339(
  text: string,
  path: string,
): { seconds: number; microseconds: number } {
  const match = rfc3339.exec(text);
  if (match === null) throw invalid(text, path);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number);
  const [fraction = "", sign, offsetHour = "0", offsetMinute = "0"] = match.slice(7);
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  // A month, a day or an hour that does not exist would have been carried over.
  if (
    date.getUTCMonth() + 1 !== month ||
    date.getUTCDate() !== day ||
    date.getUTCHours() !== hour ||
    Number(second) > 59
  )
    throw invalid(text, path);
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -60 : 60);
  return {
    seconds: date.getTime() / 1_000 - offset,
    microseconds: Number(fraction.slice(0, 6).padEnd(6, "0")),
  };
}

function invalid(text: string, path: string): Error {
  return wireError(
    "WIRE_INVALID",
    `${path} in JSON should be an RFC 3339 time and is ${JSON.stringify(text)}`,
  );
}
