import { ExporterError, messageOf } from "@kube-state-mosaic/errors";

/** What belongs to a log line besides its message. Undefined values are left out; of an error, message and code are written. */
export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | Error>
>;

/** The line's own keys; a field of that name would give a JSON object with a key twice. */
const reserved: ReadonlySet<string> = new Set(["time", "level", "msg"]);

export function fieldsOf(
  fields: LogFields | undefined,
): Record<string, string | number | boolean | null> {
  const values: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(fields ?? {})) {
    if (value === undefined) continue;
    const name = reserved.has(key) ? `${key}_` : key;
    values[name] = value instanceof Error ? messageOf(value) : value;
    if (value instanceof ExporterError) values[`${name}_code`] = value.code;
  }
  return values;
}
