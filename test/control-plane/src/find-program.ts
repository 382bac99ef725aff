import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Absolute path of the first of these programs that is on PATH. */
export function findProgram(...names: readonly string[]): string | undefined {
  for (const name of names)
    for (const folder of (process.env["PATH"] ?? "").split(delimiter))
      if (folder !== "" && isProgram(join(folder, name))) return join(folder, name);
  return undefined;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
