import fc from "fast-check";
import type { AnyField, Message } from "../src/schema.ts";

/** Any object of this message in JSON form, as an API server could send it: declared fields present, null or absent. */
export function jsonOf(message: Message<unknown>): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(message.fields).map(([name, field]) => [name, valueOf(field)]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
}

/** The same members in another order, at every level. */
export function shuffled(value: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(value))
    return fc.tuple(...value.map((element: unknown) => shuffled(element))) as fc.Arbitrary<unknown>;
  if (typeof value !== "object" || value === null) return fc.constant(value);
  const entries = Object.entries(value);
  return fc
    .tuple(
      fc.shuffledSubarray(
        entries.map(([key]) => key),
        { minLength: entries.length },
      ),
      fc.tuple(...entries.map(([, member]) => shuffled(member))),
    )
    .map(([order, members]) => {
      const byKey = new Map(entries.map(([key], index) => [key, members[index]]));
      return Object.fromEntries(order.map((key) => [key, byKey.get(key)]));
    });
}

const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 6 }),
  fc.constantFrom("Running", "app.kubernetes.io/name", 'quoted "metadata":{', "back\\slash", "\n"),
  fc.string({ minLength: 120, maxLength: 200 }),
);

function valueOf(field: AnyField): fc.Arbitrary<unknown> {
  switch (field.shape) {
    case "list":
      return fc.oneof(fc.array(elementOf(field), { maxLength: 3 }), fc.constant(null));
    case "map":
      return fc.oneof(
        fc.dictionary(text, elementOf(field), { maxKeys: 3, noNullPrototype: true }),
        fc.constant(null),
      );
    case "pointer":
      return fc.option(elementOf(field));
    case "value":
      return elementOf(field);
  }
}

function elementOf(field: AnyField): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "message":
      return field.message === undefined ? fc.constant({}) : jsonOf(field.message);
    case "string":
      return text;
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "int64":
    case "int64Text":
      return fc.maxSafeInteger();
    case "double":
      return fc.double({ noNaN: true });
    case "bytesLength":
      return fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    case "time":
      return fc.oneof(
        fc.constantFrom("1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        date.map((at) => at.toISOString().replace(/\.\d+Z$/, "Z")),
      );
    case "microTime":
      return fc
        .tuple(date, fc.integer({ min: 0, max: 999 }))
        .map(([at, rest]) => at.toISOString().replace("Z", `${String(rest).padStart(3, "0")}Z`));
    case "quantity":
      return fc.oneof(
        fc.constantFrom("0", "100m", "1Gi", "1e3", "-1500m", "9223372036854775808"),
        fc.nat().map(String),
      );
    case "intOrString":
      return fc.oneof(fc.integer(), text);
  }
}

const date = fc.date({
  min: new Date("1900-01-01T00:00:00Z"),
  max: new Date("2200-01-01T00:00:00Z"),
  noInvalidDate: true,
});
