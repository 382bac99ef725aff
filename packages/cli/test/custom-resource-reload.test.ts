import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Configuration } from "@kube-state-mosaic/custom-resource-state";
import { createLogger, createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readCustomResourceSetup } from "../src/custom-resource-files.ts";
import { CustomResourceReload } from "../src/custom-resource-reload.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "custom-resource-reload-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const text = (kind: string): string =>
  `spec: {resources: [{groupVersionKind: {group: g, kind: ${kind}}, metrics: []}]}\n`;
const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);

/** A reload of `path`, and the kinds of every configuration that it took over. */
function follow(path: string, more: { inline?: string; mayBeMissing?: boolean } = {}) {
  const options = {
    customResourceStateConfig: more.inline ?? "",
    customResourceStateConfigFile: join(folder, path),
    continueWithoutCustomResourceStateConfigFile: more.mayBeMissing ?? false,
  };
  const telemetry = createTelemetry();
  const taken: string[] = [];
  const errors: string[] = [];
  const reload = new CustomResourceReload(options, readCustomResourceSetup(options)!.files, {
    target: {
      configure: ({ resources }: Configuration) =>
        void taken.push(resources.map(({ kind }) => kind).join()),
    },
    logger: createLogger({
      format: "json",
      level: "error",
      destination: { write: (line) => errors.push((JSON.parse(line) as { error: string }).error) },
    }),
    reference: referenceMetrics(telemetry),
  });
  const successful = async (): Promise<string[]> =>
    (await telemetry.text())
      .split("\n")
      .filter((line) => line.startsWith("kube_state_metrics_last_config_reload_successful{"))
      .map((line) => line.replaceAll(folder, "").replace(/^.*filename="(.*?)".* /, "$1 "));
  const use = (other: string, inline = ""): void =>
    reload.use({
      ...options,
      customResourceStateConfig: inline,
      customResourceStateConfigFile: other === "" ? "" : join(folder, other),
    });
  return { look: () => reload.look(), use, taken, errors, successful };
}

test("a changed file is taken over once it has stopped to change", () => {
  write("a.yaml", text("A"));
  const { look, taken } = follow("a.yaml");
  look();
  write("a.yaml", text("B"));
  look();
  write("a.yaml", text("C"));
  look();
  expect(taken).toEqual([]);
  look();
  look();
  expect(taken).toEqual(["C"]);
});

test("what cannot be used changes nothing, is told once and shows in the metrics until it is mended", async () => {
  write("a.yaml", text("A"));
  const { look, taken, errors, successful } = follow("a.yaml");
  expect(await successful()).toEqual(["/a.yaml 1"]);
  write("a.yaml", "spec: [");
  for (let times = 0; times < 4; times++) look();
  expect(taken).toEqual([]);
  expect(errors).toEqual([expect.stringMatching(/a\.yaml:1:8: not YAML: /)]);
  expect(await successful()).toEqual(["/a.yaml 0"]);
  write("a.yaml", text("B"));
  look();
  look();
  expect(taken).toEqual(["B"]);
  expect(await successful()).toEqual(["/a.yaml 1"]);
});

test("a ConfigMap's symlink swap is seen; files of the folder come and go together", () => {
  const version = (name: string, files: Record<string, string>): void => {
    mkdirSync(join(folder, name));
    for (const [file, kind] of Object.entries(files))
      writeFileSync(join(folder, name, file), text(kind));
    symlinkSync(name, join(folder, "..tmp"));
    renameSync(join(folder, "..tmp"), join(folder, "..data"));
  };
  version("..1", { "a.yaml": "A", "b.yaml": "B" });
  for (const file of ["a.yaml", "b.yaml"]) symlinkSync(`..data/${file}`, join(folder, file));
  const { look, taken } = follow(".");
  version("..2", { "a.yaml": "A2", "b.yaml": "B2" });
  look();
  look();
  rmSync(join(folder, "b.yaml"));
  look();
  look();
  expect(taken).toEqual(["A2,B2", "A2"]);
});

test("a file that is removed leaves its configuration in force, and is read when it is back", () => {
  write("a.yaml", text("A"));
  for (const mayBeMissing of [false, true]) {
    write("a.yaml", text("A"));
    const { look, taken, errors } = follow("a.yaml", { mayBeMissing });
    rmSync(join(folder, "a.yaml"));
    for (let times = 0; times < 3; times++) look();
    expect(taken).toEqual([]);
    expect(errors).toHaveLength(1);
    write("a.yaml", text("B"));
    look();
    look();
    expect(taken).toEqual(["B"]);
  }
});

test("a file that is missing at the start is read when it appears, if that is allowed", () => {
  const { look, taken } = follow("a.yaml", { mayBeMissing: true });
  look();
  look();
  write("a.yaml", text("A"));
  look();
  look();
  expect(taken).toEqual(["A"]);
});

test("inline text stays what is used", () => {
  write("a.yaml", text("A"));
  const { look, taken } = follow("a.yaml", { inline: text("I") });
  write("a.yaml", "spec: [");
  look();
  look();
  expect(taken).toEqual(["I"]);
});

test("other flags are followed at once: another file, inline text, none of both", async () => {
  for (const name of ["a", "b"]) write(`${name}.yaml`, text(name));
  const { use, taken, errors, successful } = follow("a.yaml");
  use("b.yaml");
  expect(await successful()).toEqual(["/b.yaml 1"]);
  use("", text("I"));
  use("");
  expect(taken).toEqual(["b", "I", ""]);
  expect(await successful()).toEqual([]);
  use("missing.yaml");
  expect(errors).toEqual([expect.stringMatching(/missing\.yaml does not exist/)]);
  expect(taken).toHaveLength(3);
});
