/** Compares every workspace import under packages/ with the layer list below: arrows point down only. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const scope = "@kube-state-mosaic/";

/** A package may import packages of lower layers, never of its own layer or above. */
const layers: readonly (readonly string[])[] = [
  ["errors"],
  ["exposition", "wire", "sharding", "telemetry"],
  ["metric-families", "kubernetes", "store", "server", "fake-kubernetes"],
  ["custom-resource-state", "registry", "discovery", "options"],
  ["worker", "coordinator"],
  ["cli"],
];

const layerOf = new Map(layers.flatMap((names, layer) => names.map((name) => [name, layer])));
const root = new URL("../packages/", import.meta.url).pathname;
const faults: string[] = [];

for (const name of readdirSync(root)) {
  const layer = layerOf.get(name);
  if (layer === undefined) {
    faults.push(`packages/${name} has no layer: add it to scripts/check-layers.ts`);
    continue;
  }
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, name, "package.json"), "utf8"));
  for (const file of sources(join(root, name, "src"))) {
    for (const target of importsOf(readFileSync(file, "utf8"))) {
      const other = target.slice(scope.length).split("/")[0] ?? "";
      const where = `${file.slice(root.length)} imports ${target}`;
      if (target !== scope + other) faults.push(`${where}: packages are imported by name only`);
      if (other === name) faults.push(`${where}: a package does not import itself`);
      else if ((layerOf.get(other) ?? Infinity) >= layer)
        faults.push(`${where}: ${other} is not below ${name}`);
      if (!(target in dependencies)) faults.push(`${where}: missing in its package.json`);
    }
  }
}

for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, file));
}

function importsOf(text: string): string[] {
  const pattern = /(?:from|import)\s*\(?\s*"(@kube-state-mosaic\/[^"]+)"/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}
