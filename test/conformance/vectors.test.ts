import { renderer, resources } from "@kube-state-mosaic/metric-families";
import { decodeJson, decodeProtobuf, encodeProtobuf } from "@kube-state-mosaic/wire";
import { describe, expect, test } from "vitest";
import { nameOf, readVectorFiles, type VectorCase, type VectorFile } from "./vector-files.ts";

/** JSON that an API server would not write (fractional times, numbers as quantities): it has no protobuf form. */
const jsonOnly = /raw|time-offset-fraction|created-zero/;

/** Quantities beyond 64 bits: the reference overflows, the true value is wanted. */
const trueValues: Readonly<Record<string, string>> = {
  "limitranges-024-overflow-quantity": "9.223372036854776e+18",
  "limitranges-025-overflow-quantity": "1e+20",
  "limitranges-026-overflow-quantity": "1e+20",
  "limitranges-028-overflow-quantity": "-9.223372036854776e+18",
  "persistentvolumes-145-overflow-quantity": "9.223372036854776e+18",
  "persistentvolumes-146-overflow-quantity": "1e+20",
  "persistentvolumes-147-overflow-quantity": "1e+20",
  "persistentvolumes-148-overflow-quantity": "1e+20",
  "persistentvolumes-149-overflow-quantity": "-9.223372036854776e+18",
  "pods-203-overflow-quantity": "9.223372036854776e+18",
  "pods-204-overflow-quantity": "1e+20",
  "pods-205-overflow-quantity": "1e+20",
  "pods-206-overflow-quantity": "1e+20",
  "pods-207-overflow-quantity": "-9.223372036854776e+18",
};
const overflowing: ReadonlySet<string> = new Set([
  "kube_limitrange",
  "kube_persistentvolume_capacity_bytes",
  "kube_pod_container_resource_limits",
]);

const files = readVectorFiles();

describe.each(files.filter(({ resource }) => resource in resources))("$resource", (file) => {
  const { cases } = file;

  test.each(cases)("$name renders the reference's samples, from JSON", (vector) => {
    const { schema } = resourceOf(file);
    expect(rendered(file, vector, decodeJson(schema, vector.object))).toEqual(wanted(file, vector));
  });

  test.each(cases.filter(({ name }) => !jsonOnly.test(name)))(
    "$name renders the reference's samples, from protobuf",
    (vector) => {
      const { schema } = resourceOf(file);
      const bytes = encodeProtobuf(schema, vector.object);
      expect(rendered(file, vector, decodeProtobuf(schema, bytes))).toEqual(wanted(file, vector));
    },
  );
});

test("every case of a quantity beyond 64 bits has its true value listed", () => {
  const names = files.flatMap(({ cases }) => cases.map(({ name }) => name));
  expect(names.filter((name) => name.includes("overflow-quantity")).sort()).toEqual(
    Object.keys(trueValues).sort(),
  );
});

function resourceOf({ resource }: VectorFile) {
  const found = resources[resource];
  if (found === undefined) throw new Error(`${resource} is not registered`);
  return found;
}

function rendered(file: VectorFile, { options }: VectorCase, object: never): string[] {
  const config = {
    labelsAllowList: options?.labelAllowlist ?? [],
    annotationsAllowList: options?.annotationAllowlist ?? [],
  };
  const text = renderer(resourceOf(file), config, () => true)
    .render(object)
    .join("");
  expect(text === "" || text.endsWith("\n")).toBe(true);
  return ordered(file, text.split("\n").slice(0, -1));
}

function wanted(file: VectorFile, { name, want }: VectorCase): string[] {
  const value = trueValues[name];
  const lines = want.map((line) =>
    value !== undefined && overflowing.has(nameOf(line)) ? line.replace(/\S+$/, value) : line,
  );
  return ordered(file, lines);
}

/** The lines in their order, except that those of each family without an order are sorted among themselves. */
function ordered({ unordered }: VectorFile, lines: readonly string[]): string[] {
  const result: string[] = [];
  for (let start = 0; start < lines.length;) {
    const name = nameOf(lines[start]!);
    let end = start + 1;
    while (end < lines.length && nameOf(lines[end]!) === name) end++;
    const group = lines.slice(start, end);
    result.push(...(unordered.includes(name) ? group.sort() : group));
    start = end;
  }
  return result;
}
