import { emptyList, emptyMap, emptyOf } from "./empty.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import type { AnyField, Message } from "./schema.ts";

/** Decodes a message that begins at the reader's position and ends at `end`. */
type Decode = (reader: ProtobufReader, end: number) => unknown;

const decoders = new WeakMap<Message<unknown>, Decode>();

/** The decoder of a message, compiled when it is first asked for. */
export function decoderOf(message: Message<unknown>): Decode {
  const known = decoders.get(message);
  if (known !== undefined) return known;
  const decode = compile(message);
  decoders.set(message, decode);
  return decode;
}

/** Values that the generated code refers to, by the name it has there. */
type Scope = Map<string, unknown>;

/**
 * Writes a loop around one `switch` over whole tags as a function and evaluates it, so that every property is stored at a place of its
 * own in the code. Closures share those places among all messages: they were measured at 10 µs, in some runs 17, where this takes 6
 * (a pod of two containers). The text is made from the schema alone, never from data.
 */
function compile(message: Message<unknown>): Decode {
  const scope: Scope = new Map<string, unknown>([
    ["emptyList", emptyList],
    ["emptyMap", emptyMap],
  ]);
  const fields = Object.entries(message.fields);
  const initial = fields.map(
    ([name, field]) => `${JSON.stringify(name)}: ${initialOf(field, scope)}`,
  );
  const wanted = fields
    .filter(([, field]) => field.path.length > 0)
    .map(([name, field]): Located => ({ name, field, path: field.path }));
  const source = `
    ${loops("fill", wanted, scope)}
    return function decode(reader, end) {
      const object = { ${initial.join(", ")} };
      fill(object, reader, end);
      return object;
    };`;
  // oxlint-disable-next-line typescript/no-implied-eval -- the reason stands above the function
  const make = new Function(...scope.keys(), source) as (...values: unknown[]) => Decode;
  return make(...scope.values());
}

interface Located {
  readonly name: string;
  readonly field: AnyField;
  /** What is left of the field's path here. */
  readonly path: readonly number[];
}

/** The function `name(object, reader, end)` and those for the embedded structs below it. */
function loops(name: string, fields: readonly Located[], scope: Scope): string {
  const here = fields.filter(({ path }) => path.length === 1);
  const below = Map.groupBy(
    fields.filter(({ path }) => path.length > 1),
    ({ path }) => path[0] ?? 0,
  );
  const inner: string[] = [];
  const cases = here.map((located) => caseOf(located, scope));
  for (const [number, nested] of below) {
    const rest = nested.map((located) => ({ ...located, path: located.path.slice(1) }));
    inner.push(loops(`${name}_${number}`, rest, scope));
    cases.push(
      `case ${number * 8 + 2}: { const limit = reader.limit(end); ${name}_${number}(object, reader, limit); break; }`,
    );
  }
  const declared = bind(scope, new Set([...here.map(({ path }) => path[0]), ...below.keys()]));
  return `${inner.join("\n")}
    function ${name}(object, reader, end) {
      while (reader.position < end) {
        const tag = reader.tag(end);
        switch (tag) {
          ${cases.join("\n")}
          default: reader.other(tag, end, ${declared});
        }
      }
    }`;
}

function caseOf({ name, field, path: [number = 0] }: Located, scope: Scope): string {
  const property = `object[${JSON.stringify(name)}]`;
  const tag = number * 8 + wireTypeOf(field);
  if (field.shape === "map") {
    const read = field.kind === "quantity" ? "quantityEntry" : "entry";
    return `case ${tag}: if (${property} === emptyMap) ${property} = new Map(); reader.${read}(${property}, end); break;`;
  }
  const value =
    field.message === undefined
      ? `reader.${field.kind}(end)`
      : `${bind(scope, decoderOf(field.message))}(reader, reader.limit(end))`;
  return field.shape === "list"
    ? `case ${tag}: if (${property} === emptyList) ${property} = []; ${property}.push(${value}); break;`
    : `case ${tag}: ${property} = ${value}; break;`;
}

function wireTypeOf(field: AnyField): 0 | 1 | 2 {
  if (field.shape === "map") return 2;
  switch (field.kind) {
    case "bool":
    case "int32":
    case "int64":
    case "int64Text":
      return 0;
    case "double":
      return 1;
    case "string":
    case "bytesLength":
    case "time":
    case "microTime":
    case "quantity":
    case "intOrString":
    case "message":
      return 2;
  }
}

function initialOf(field: AnyField, scope: Scope): string {
  const empty = emptyOf(field);
  return typeof empty === "object" ? bind(scope, empty) : (JSON.stringify(empty) ?? "undefined");
}

function bind(scope: Scope, value: unknown): string {
  const name = `value${scope.size}`;
  scope.set(name, value);
  return name;
}
