/** Go's `time.RFC3339` parser: one digit of hour, a comma before the fraction and offsets up to 24:60 pass. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Whole Unix seconds of a time, its fraction dropped; `undefined` for any other text. */
export function rfc3339Seconds(text: string): number | undefined {
  // No number, word or quantity begins like a date: most texts end here.
  if (text.length < 19 || text[4] !== "-") return undefined;
  const match = form.exec(text);
  if (match === null) return undefined;
  const field = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [field(1), field(2), field(3)];
  const [hour, minute, second] = [field(4), field(5), field(6)];
  const [offsetHours, offsetMinutes] = [field(8), field(9)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 24 || offsetMinutes > 60)
    return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  // A day that the month does not have moves into the next month.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * (match[7] === "-" ? -60 : 60);
  return date.getTime() / 1000 + (hour * 60 + minute) * 60 + second - offset;
}
