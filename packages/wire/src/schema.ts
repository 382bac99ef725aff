/** How one value is written. `anything` keeps nothing but the fact that it is there. */
type Kind =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "int64Text"
  | "double"
  | "bytesLength"
  | "time"
  | "microTime"
  | "quantity"
  | "intOrString"
  | "message";

declare const decoded: unique symbol;

/** One field as it is found in both encodings. */
export interface AnyField {
  /** Field numbers from the enclosing message down: more than one where the JSON form flattens an embedded struct. */
  readonly path: readonly number[];
  readonly kind: Kind;
  /** `pointer`: absent and zero differ. `list` and `map` are never absent, only empty. */
  readonly shape: "value" | "pointer" | "list" | "map";
  readonly message?: Message<unknown>;
}

/** A field whose decoded value is a `T`, no more and no less. */
export interface Field<in out T> extends AnyField {
  readonly [decoded]?: (value: T) => T;
}

/** Exactly one field for each property of `T`. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<T[K]> };

/** A message: the source of both decoders, of the encoder, and (checked against it by the compiler) of the type of its values. */
export interface Message<out T> {
  readonly name: string;
  readonly fields: Readonly<Record<string, AnyField>>;
  /** Known in JSON only: its fields have no numbers. `whole`: decoded as it is, undeclared. */
  readonly jsonOnly?: "fields" | "whole";
  readonly [decoded]?: T;
}

/** The type of the values a message decodes to. */
export type Decoded<M> = M extends Message<infer T> ? T : never;

/** Declares a message; `fields` must name every property of `T` and nothing else, with the property's own type. */
export function message<T>(name: string, fields: Fields<T>): Message<T> {
  return { name, fields };
}

/** A message of which only the presence, or the number, is of interest. */
export type Anything = Readonly<Record<never, never>>;
export const anything: Message<Anything> = message<Anything>("Anything", {});

export const string = (number: number): Field<string> => scalar("string", number);
export const bool = (number: number): Field<boolean> => scalar("bool", number);
export const int32 = (number: number): Field<number> => scalar("int32", number);
/** A number; beyond 2^53 the nearest double. */
export const int64 = (number: number): Field<number> => scalar("int64", number);
/** For values shown digit by digit. */
export const int64Text = (number: number): Field<string> => scalar("int64Text", number);
export const double = (number: number): Field<number> => scalar("double", number);
/** The length of a bytes field; its content is never kept. */
export const bytesLength = (number: number): Field<number> => scalar("bytesLength", number);
/** Whole Unix seconds; `undefined` for the zero time and for none. */
export const time = (number: number): Field<number | undefined> => scalar("time", number);
/** Unix seconds with their fraction. */
export const microTime = (number: number): Field<number | undefined> => scalar("microTime", number);
/** The quantity's text. */
export const quantity = (number: number): Field<string> => scalar("quantity", number);
export const intOrString = (number: number): Field<number | string> =>
  scalar("intOrString", number);

export const strings = (number: number): Field<readonly string[]> => ({
  path: [number],
  kind: "string",
  shape: "list",
});

export const map = (number: number): Field<ReadonlyMap<string, string>> => ({
  path: [number],
  kind: "string",
  shape: "map",
});

export const quantities = (number: number): Field<ReadonlyMap<string, string>> => ({
  path: [number],
  kind: "quantity",
  shape: "map",
});

/** A message that is always there, empty when it was not sent. */
export const one = <T>(number: number, of: Message<T>): Field<T> => ({
  path: [number],
  kind: "message",
  shape: "value",
  message: of,
});

export const list = <T>(number: number, of: Message<T>): Field<readonly T[]> => ({
  path: [number],
  kind: "message",
  shape: "list",
  message: of,
});

/** A field whose absence can be told from its zero value. */
export const optional = <T>(field: Field<T>): Field<T | undefined> => ({
  path: field.path,
  kind: field.kind,
  shape: "pointer",
  ...(field.message === undefined ? {} : { message: field.message }),
});

/** The fields of an embedded struct: a message of its own in protobuf, flattened in JSON. */
export function embedded<T>(number: number, of: Message<T>): Fields<T> {
  const fields = Object.entries(of.fields).map(([name, field]): [string, AnyField] => [
    name,
    { ...field, path: [number, ...field.path] },
  ]);
  // The keys are those of `of`, which the compiler has checked against T.
  return Object.fromEntries(fields) as unknown as Fields<T>;
}

/**
 * The same message without the named fields (`metadata.annotations`): they cost a skip and decode to what an absent field gives.
 * Throws a RangeError for a path that the message does not have.
 */
export function omit<T>(from: Message<T>, paths: readonly string[]): Message<T> {
  return paths.reduce<Message<T>>((pruned, path) => without(pruned, path.split(".")), from);
}

function without<T>(from: Message<T>, path: readonly string[]): Message<T> {
  const [name = "", ...rest] = path;
  const field = from.fields[name];
  if (field === undefined) throw new RangeError(`message ${from.name} has no field ${name}`);
  if (rest.length > 0 && field.message === undefined)
    throw new RangeError(`field ${name} of message ${from.name} has no fields`);
  const pruned: AnyField =
    rest.length > 0 && field.message !== undefined
      ? { ...field, message: without(field.message, rest) }
      : { ...field, path: [] };
  return { name: from.name, fields: { ...from.fields, [name]: pruned } };
}

function scalar<T>(kind: Kind, number: number): Field<T> {
  return { path: [number], kind, shape: "value" };
}
