import * as wire from "../src/index.ts";
import type { Message } from "../src/schema.ts";
import { listMeta, status } from "../src/schema/list-meta.ts";

/** Every message the package exports, and the two its readers use, by name of the export. */
export const messages: readonly (readonly [string, Message<unknown>])[] = [
  ...Object.entries(wire as Record<string, unknown>).filter(
    (entry): entry is [string, Message<unknown>] =>
      typeof entry[1] === "object" && entry[1] !== null && "fields" in entry[1],
  ),
  ["listMeta", listMeta],
  ["status", status],
];
