import * as wire from "../src/index.ts";
import type { Message } from "../src/schema.ts";
import { listMeta, status } from "../src/schema/list-meta.ts";

/** Every message the package exports, and the two its readers use, by name of the export. */
export const messages: readonly (readonly [string, Message<unknown>])[] = [
  ...Object.entries(wire as Record<string, unknown>).filter(
    (entry): entry is [string, Message<unknown>] =>
      typeof entry[1] === "object" &&
      entry[1] !== null &&
      "fields" in entry[1] &&
      !("jsonOnly" in entry[1]),
  ),
  ["listMeta", listMeta],
  ["status", status],
];

/** The message of a resource: exported under the name of its kind. */
export function messageOfKind(kind: string): Message<unknown> {
  const name = kind.charAt(0).toLowerCase() + kind.slice(1);
  const [, message] = messages.find(([exported]) => exported === name) ?? [];
  if (message === undefined) throw new Error(`no message is exported as ${name}`);
  return message;
}
