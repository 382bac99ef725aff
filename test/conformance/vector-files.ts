import { readdirSync, readFileSync } from "node:fs";
import { parseJson } from "@kube-state-mosaic/wire";

/** One object, and every sample line that the reference makes of it. */
export interface VectorCase {
  readonly name: string;
  /** The allow lists' entries for this resource. */
  readonly options?: {
    readonly labelAllowlist?: readonly string[];
    readonly annotationAllowlist?: readonly string[];
  };
  readonly object: unknown;
  readonly want: readonly string[];
}

/** What is known about one resource. Families are in exposition order. */
export interface VectorFile {
  readonly resource: string;
  readonly families: readonly string[];
  readonly types: Readonly<Record<string, string>>;
  readonly optIn: readonly string[];
  readonly stable: readonly string[];
  readonly deprecated: Readonly<Record<string, string>>;
  /** Families whose samples come in random order from the reference. */
  readonly unordered: readonly string[];
  readonly cases: readonly VectorCase[];
}

const folder = new URL("vectors/", import.meta.url);

/** All vector files of built-in resources. */
export function readVectorFiles(): VectorFile[] {
  return (
    readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      // Integers beyond 2^53 occur, which a plain JSON.parse would change.
      .map((name) => parseJson(readFileSync(new URL(name, folder), "utf8")) as VectorFile)
      .filter((file) => typeof file.resource === "string" && Array.isArray(file.families))
  );
}

/** The family a sample line belongs to. */
export function nameOf(line: string): string {
  return /^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? "";
}
