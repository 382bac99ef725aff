import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { complete } from "@kube-state-mosaic/control-plane";
import { afterAll, expect, test } from "vitest";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(checkout, "docs/resource-modules.md"), "utf8");
const module = readFileSync(new URL("resource-module/user.ts", import.meta.url), "utf8");

const folder = mkdtempSync(join(tmpdir(), "module-types-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the documentation shows the module that is tested", () => {
  const code = module.slice(module.indexOf("interface User"));
  expect(page).toContain(code);
});

test("a module beside a checkout is checked by its author's compiler, with the settings of the documentation", async () => {
  const settings = /```json\n(.*?)```/s.exec(page)?.[1] ?? "";
  const faults = {
    "typo.ts": ["metadata.name }", "metadata.nmae }"],
    "number-as-label.ts": ["metadata.name }", "metadata.generation }"],
    "text-as-value.ts": ["unit: bytes,", 'unit: () => "many",'],
  } as const;
  writeFileSync(
    join(folder, "tsconfig.json"),
    settings.replaceAll("../kube-state-mosaic/", checkout),
  );
  writeFileSync(join(folder, "right.ts"), module);
  for (const [name, [right, wrong]] of Object.entries(faults))
    writeFileSync(join(folder, name), module.replace(right, wrong));
  const tsc = join(checkout, "node_modules/.bin/tsc");
  const { stdout } = await complete(tsc, ["-p", folder], { cwd: folder });
  const errors = stdout.split("\n").filter((line) => line.includes(": error TS"));
  expect(errors.map((line) => line.replace(/\(.*/, "")).toSorted()).toEqual(
    Object.keys(faults).toSorted(),
  );
  expect(stdout).toContain("Property 'nmae' does not exist on type 'ObjectMeta'");
});
