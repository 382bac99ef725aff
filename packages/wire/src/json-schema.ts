import {
  bool,
  double,
  int64,
  list,
  map,
  message,
  one,
  optional,
  quantities,
  quantity,
  string,
  strings,
  time,
  type Field,
  type Fields,
  type Message,
} from "./schema.ts";

/** Any JSON value; integers that a double cannot hold are bigints. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** An object of which every field is kept, as `parseJson` reads it. */
export const jsonObject: Message<JsonObject> = { name: "object", fields: {}, jsonOnly: "whole" };

/**
 * Declares a message of which only the JSON form is known, as of a custom resource; fields come from `jsonField`.
 * It cannot be decoded from protobuf.
 */
export function jsonMessage<T>(name: string, fields: Fields<T>): Message<T> {
  return { ...message(name, fields), jsonOnly: "fields" };
}

/** The fields a `jsonMessage` is made of: those of `message`, without the numbers that they have in protobuf. */
export const jsonField: JsonFields = {
  string: string(unnumbered()),
  bool: bool(unnumbered()),
  integer: int64(unnumbered()),
  number: double(unnumbered()),
  time: time(unnumbered()),
  quantity: quantity(unnumbered()),
  strings: strings(unnumbered()),
  map: map(unnumbered()),
  quantities: quantities(unnumbered()),
  one: (of) => one(unnumbered(), of),
  list: (of) => list(unnumbered(), of),
  optional,
};

interface JsonFields {
  /** `""` when absent. */
  readonly string: Field<string>;
  /** `false` when absent. */
  readonly bool: Field<boolean>;
  /** 0 when absent; beyond 2^53 the nearest double. */
  readonly integer: Field<number>;
  /** 0 when absent. */
  readonly number: Field<number>;
  /** Unix seconds of an RFC 3339 text, its fraction dropped. */
  readonly time: Field<number | undefined>;
  /** The text of a quantity, `"0"` when absent. */
  readonly quantity: Field<string>;
  readonly strings: Field<readonly string[]>;
  /** An object whose values are strings. */
  readonly map: Field<ReadonlyMap<string, string>>;
  /** An object whose values are quantities. */
  readonly quantities: Field<ReadonlyMap<string, string>>;
  /** An object that is always there, empty when it was not sent. */
  readonly one: <T>(of: Message<T>) => Field<T>;
  readonly list: <T>(of: Message<T>) => Field<readonly T[]>;
  /** The field, `undefined` when it is absent. */
  readonly optional: <T>(field: Field<T>) => Field<T | undefined>;
}

/** A field must have a number to be decoded at all; this one is never written. */
function unnumbered(): number {
  return 1;
}
