import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { AnyField, Message } from "../src/schema.ts";
import { messageOfKind } from "./messages.ts";

const rows = readFileSync(new URL("field-numbers.tsv", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.split("\t") as [string, string, string, string]);

test("every path the metric families read has the published field numbers and a fitting kind", () => {
  const wanted = rows.map(([kind, path, numbers, type]) => ({
    kind,
    path,
    numbers,
    is: kindsOf(type),
  }));
  const found = rows.map(([kind, path, , type]) => {
    const { numbers, field } = find(messageOfKind(kind), path);
    return {
      kind,
      path,
      numbers: numbers.join("."),
      is: kindsOf(type).includes(field.kind) ? kindsOf(type) : field.kind,
    };
  });
  expect(found).toEqual(wanted);
  expect(rows.length).toBeGreaterThan(600);
});

/** Walks a path such as `.spec.containers[].name`. */
function find(message: Message<unknown>, path: string): { numbers: number[]; field: AnyField } {
  const numbers: number[] = [];
  let at: Message<unknown> | undefined = message;
  let field: AnyField | undefined;
  for (const name of path.slice(1).replaceAll("[]", "").split(".")) {
    field = at!.fields[name]!;
    numbers.push(...field.path);
    at = field.message;
  }
  return { numbers, field: field! };
}

/** The kinds that may stand for a published type. */
function kindsOf(type: string): readonly string[] {
  switch (type.replace(/^repeated |^map<string,|>$/g, "")) {
    case "string":
      return ["string"];
    case "bool":
      return ["bool"];
    case "int32":
      return ["int32"];
    case "int64":
      return ["int64", "int64Text"];
    case "bytes":
      return ["bytesLength"];
    case "Time":
      return ["time"];
    case "MicroTime":
      return ["microTime"];
    case "Quantity":
      return ["quantity"];
    case "IntOrString":
      return ["intOrString"];
    default:
      return ["message"];
  }
}
