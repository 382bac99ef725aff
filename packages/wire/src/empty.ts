import type { AnyField, Message } from "./schema.ts";

export const emptyList: readonly never[] = Object.freeze([]);
export const emptyMap: ReadonlyMap<string, string> = new Map();

const empties = new WeakMap<Message<unknown>, unknown>();

/** What a field decodes to that was not sent. Messages, lists and maps are shared and must not be changed. */
export function emptyOf(field: AnyField): unknown {
  if (field.shape === "list") return emptyList;
  if (field.shape === "map") return emptyMap;
  if (field.shape === "pointer") return undefined;
  switch (field.kind) {
    case "message":
      return field.message === undefined ? undefined : emptyMessage(field.message);
    case "string":
      return "";
    case "quantity":
    case "int64Text":
      return "0";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "double":
    case "bytesLength":
    case "intOrString":
      return 0;
    case "time":
    case "microTime":
      return undefined;
  }
}

function emptyMessage(message: Message<unknown>): unknown {
  const known = empties.get(message);
  if (known !== undefined) return known;
  const empty = Object.freeze(
    Object.fromEntries(
      Object.entries(message.fields).map(([name, field]) => [name, emptyOf(field)]),
    ),
  );
  empties.set(message, empty);
  return empty;
}
