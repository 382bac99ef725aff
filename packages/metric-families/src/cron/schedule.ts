import { everySeconds } from "./duration.ts";
import { parseField, type Bounds } from "./field.ts";
import { timeZone, type TimeZone } from "./time-zone.ts";

/** When a CronJob runs. */
export type Schedule = FieldSchedule | EverySchedule | NeverSchedule;

/** At all local times whose fields are in all five sets: day of month AND day of week, unlike the CronJob controller. */
export interface FieldSchedule {
  readonly kind: "fields";
  readonly zone: TimeZone;
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly daysOfMonth: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 to 6, Sunday first. */
  readonly daysOfWeek: ReadonlySet<number>;
}

/** A fixed number of seconds after the last time, in no zone and without alignment. */
interface EverySchedule {
  readonly kind: "every";
  readonly seconds: number;
}

/** Valid, and never due: started by something else, or with a field that has no value at all. */
interface NeverSchedule {
  readonly kind: "never";
}

const maxBytes = 1024;
const never: NeverSchedule = { kind: "never" };

const minute: Bounds = { low: 0, high: 59 };
const hour: Bounds = { low: 0, high: 23 };
const dayOfMonth: Bounds = { low: 1, high: 31 };
const month: Bounds = {
  low: 1,
  high: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/** 0 and 7 are both Sunday, and two steps of a range. */
const dayOfWeek: Bounds = {
  low: 0,
  high: 7,
  names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const descriptors: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const neverDue: ReadonlySet<string> = new Set(["@triggered", "@manual", "@none"]);

// Go's `unicode.IsSpace`, which is not what `\s` is.
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
const outerSpace = new RegExp(`^${space.source}|${space.source}$`, "gu");

/** Texts repeat from object to object and from event to event; the bound keeps made-up ones from filling the memory. */
const known = new Map<string, Schedule | undefined>();
const maxKnown = 4096;

/**
 * The schedule of a CronJob's `schedule` and `timeZone` fields, the latter `undefined` when absent; `undefined` where the reference
 * calls them invalid. Its rules (those of the Go library netresearch/go-cron) differ from those of the CronJob controller.
 */
export function cronSchedule(schedule: string, zone: string | undefined): Schedule | undefined {
  const text = zone === undefined ? schedule : `CRON_TZ=${zone} ${schedule}`;
  let parsed = known.get(text);
  if (parsed === undefined && !known.has(text)) {
    if (text === "" || Buffer.byteLength(text) > maxBytes) return undefined;
    parsed = parse(text);
    if (known.size >= maxKnown) known.clear();
    known.set(text, parsed);
  }
  return parsed;
}

function parse(text: string): Schedule | undefined {
  if (!/^(?:CRON_)?TZ=/.test(text)) return parseInZone(text, "Local");
  const end = text.indexOf(" ");
  if (end < 0) return undefined;
  const name = text.slice(text.indexOf("=") + 1, end).replace(/^(["'])(.*)\1$/, "$2");
  return parseInZone(text.slice(end).replace(outerSpace, ""), name);
}

function parseInZone(text: string, zoneName: string): Schedule | undefined {
  const zone = timeZone(zoneName);
  if (zone === undefined) return undefined;
  if (!text.startsWith("@")) return parseFields(text, zone);
  if (neverDue.has(text)) return never;
  if (text.startsWith("@every ")) {
    const seconds = everySeconds(text.slice("@every ".length));
    return seconds === undefined ? undefined : { kind: "every", seconds };
  }
  const fields = descriptors[text];
  return fields === undefined ? undefined : parseFields(fields, zone);
}

function parseFields(text: string, zone: TimeZone): Schedule | undefined {
  const fields = text.split(space).filter((field) => field !== "");
  if (fields.length !== 5) return undefined;
  const bounds = [minute, hour, dayOfMonth, month, dayOfWeek];
  const sets = bounds.map((bound, index) => parseField(fields[index] ?? "", bound));
  const [minutes, hours, daysOfMonth, months, weekdays] = sets;
  if (!minutes || !hours || !daysOfMonth || !months || !weekdays) return undefined;
  if (sets.some((set) => set?.size === 0)) return never;
  const daysOfWeek = new Set([...weekdays].map((day) => day % 7));
  return { kind: "fields", zone, minutes, hours, daysOfMonth, months, daysOfWeek };
}
