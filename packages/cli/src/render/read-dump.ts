import { messageOf } from "@kube-state-mosaic/errors";
import { parseJson } from "@kube-state-mosaic/wire";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** One object of a dump, in JSON form, and where it stood, for messages: `pods.yaml, document 2, item 5`. */
export interface DumpObject {
  readonly where: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Something that is not an object of the Kubernetes API. */
export interface DumpFault {
  readonly where: string;
  readonly fault: string;
}

/**
 * The objects of files, directories (their `.json`, `.yaml` and `.yml` files, by name) and `-` (standard input), in order; Lists are
 * taken apart. What cannot be read is a fault in its place; the rest of the file's documents still come, as far as they can be told apart.
 */
export async function* readDump(paths: readonly string[]): AsyncGenerator<DumpObject | DumpFault> {
  for (const path of paths) {
    let files: string[];
    try {
      files = filesOf(path);
    } catch (error) {
      yield { where: path, fault: messageOf(error) };
      continue;
    }
    for (const file of files) yield* readFile(file);
  }
}

async function* readFile(file: string): AsyncGenerator<DumpObject | DumpFault> {
  const name = file === "-" ? "standard input" : file;
  let text: string;
  try {
    text = file === "-" ? await standardInput() : readFileSync(file, "utf8");
  } catch (error) {
    yield { where: name, fault: messageOf(error) };
    return;
  }
  let document = 0;
  for await (const { value, fault } of documentsOf(text)) {
    document++;
    const where = `${name}, document ${document}`;
    if (fault !== undefined) yield { where, fault };
    else if (value !== null && value !== undefined) yield* objectsOf(value, where);
  }
}

function filesOf(path: string): string[] {
  if (path === "-" || !statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(json|ya?ml)$/.test(name))
    .toSorted()
    .map((name) => join(path, name));
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

interface ParsedDocument {
  readonly value?: unknown;
  readonly fault?: string;
}

async function* documentsOf(text: string): AsyncGenerator<ParsedDocument> {
  // JSON is YAML too, but a thousand times as much work for a YAML parser.
  if (/^\s*[{[]/.test(text)) {
    try {
      yield { value: parseJson(text) };
      return;
    } catch (error) {
      if (!text.includes("\n---")) {
        yield { fault: messageOf(error) };
        return;
      }
    }
  }
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { logLevel: "silent", intAsBigInt: true });
  if (!Array.isArray(documents)) return;
  for (const document of documents) {
    const [error] = document.errors;
    if (error !== undefined) yield { fault: error.message.split("\n")[0] ?? "broken YAML" };
    else yield { value: smallIntegersAsNumbers(document.toJS({ maxAliasCount: 1_000 })) };
  }
}

/** The YAML parser makes every integer a bigint so that none loses digits; most need not be. */
function smallIntegersAsNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(smallIntegersAsNumbers);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, smallIntegersAsNumbers(inner)]),
  );
}

function* objectsOf(value: unknown, where: string): Generator<DumpObject | DumpFault> {
  if (!isRecord(value)) {
    yield {
      where,
      fault: `expected an object, found ${Array.isArray(value) ? "a list" : typeof value}`,
    };
    return;
  }
  const { kind, apiVersion, items } = value;
  if (typeof kind !== "string" || typeof apiVersion !== "string") {
    yield { where, fault: "an object needs apiVersion and kind" };
    return;
  }
  if (!Array.isArray(items)) {
    yield { where, value };
    return;
  }
  for (const [index, item] of items.entries()) {
    const place = `${where}, item ${index + 1}`;
    // The items of a typed list (PodList) carry neither kind nor apiVersion.
    if (isRecord(item))
      yield* objectsOf({ apiVersion, kind: kind.replace(/List$/, ""), ...item }, place);
    else yield { where: place, fault: "expected an object" };
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
