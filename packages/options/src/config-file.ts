import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document } from "yaml";

import { Invalid } from "./invalid.ts";

/** A value of the config file: scalars as the text they are written with, nothing typed yet; `null` is an empty value. */
export type FileValue = string | null | FileValue[] | FileMap;

/** A mapping of the config file. */
export type FileMap = Map<string, FileValue>;

/** Nothing a flag takes is nested deeper; the limit also ends aliases that contain themselves. */
const maxDepth = 4;

/** The top-level mapping of the first YAML document; an empty text is an empty mapping. */
export function parseConfigFile(text: string): FileMap | Invalid {
  // The failsafe schema leaves every scalar as its text, so that one parser per flag type serves flag, environment and file.
  const [document] = parseAllDocuments(text, { schema: "failsafe" });
  if (document === undefined || !("contents" in document)) return new Map();
  const [error] = document.errors;
  if (error !== undefined) return new Invalid(`not YAML: ${error.message.split("\n")[0] ?? ""}`);
  const value = plain(document.contents, document);
  if (value === null) return new Map();
  return value instanceof Map ? value : new Invalid("not a YAML mapping of settings");
}

function plain(node: unknown, document: Document, depth = 0): FileValue {
  const value = isAlias(node) ? node.resolve(document) : node;
  if (depth > maxDepth) return null;
  if (isScalar(value)) {
    const text = String(value.value);
    return value.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(text) ? null : text;
  }
  if (isSeq(value)) return value.items.map((item) => plain(item, document, depth + 1));
  if (isMap(value))
    return new Map(
      value.items.map((pair) => [
        isScalar(pair.key) ? String(pair.key.value) : "",
        plain(pair.value, document, depth + 1),
      ]),
    );
  return null;
}
