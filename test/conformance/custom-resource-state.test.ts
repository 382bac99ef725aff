import { readFileSync } from "node:fs";
import {
  customResource,
  readConfiguration,
  readDefinition,
  resolve,
} from "@kube-state-mosaic/custom-resource-state";
import { parseExposition } from "@kube-state-mosaic/exposition";
import { renderer } from "@kube-state-mosaic/metric-families";
import { decodeJson, jsonObject, parseJson, type JsonObject } from "@kube-state-mosaic/wire";
import { describe, expect, test } from "vitest";

interface Vector {
  readonly name: string;
  readonly config: string;
  readonly object: JsonObject & { readonly apiVersion: string; readonly kind: string };
  readonly families: readonly string[];
  readonly types: Readonly<Record<string, string>>;
  readonly want: readonly string[];
  readonly unordered?: boolean;
  readonly invalidConfig?: boolean;
}

const file = new URL("custom-resource-state.json", import.meta.url);
const { cases } = parseJson(readFileSync(file, "utf8")) as { cases: readonly Vector[] };

/** What Prometheus would refuse to read is refused with the configuration; the reference writes it. */
const unreadable = cases.filter(({ want }) => !isReadable(want));
const invalid = cases.filter(({ invalidConfig }) => invalidConfig === true);
const valid = cases.filter((vector) => !invalid.includes(vector) && !unreadable.includes(vector));

describe("custom resource state", () => {
  test.each(valid)("$name renders the reference's samples", (vector) => {
    const { families, lines } = render(vector);
    expect(families.map(({ name }) => name)).toEqual(vector.families);
    expect(Object.fromEntries(families.map(({ name, type }) => [name, type]))).toEqual(
      vector.types,
    );
    const order = (list: readonly string[]) => (vector.unordered === true ? list.toSorted() : list);
    expect(order(lines)).toEqual(order(vector.want));
  });

  test.each([...invalid, ...unreadable])("$name is refused", ({ config }) => {
    expect(() => readConfiguration([{ name: "crs.yaml", text: config }])).toThrow(
      /^failed to parse Custom Resource State metrics: crs\.yaml:1:\d+: spec\.resources\[0\]\S+: ./,
    );
  });

  test("only names that begin with a digit, and empty ones, are refused beyond what the reference refuses", () => {
    for (const { want } of unreadable) expect(want.join()).toMatch(/[{,](?:\d\w*)?="/);
  });
});

/** The object's kind is served by a definition like that of its API server. */
function render({ config, object }: Vector) {
  const [group = "", version = ""] = object.apiVersion.split("/");
  const { kind } = object;
  const definition = {
    spec: {
      group,
      names: { kind, plural: `${kind.toLowerCase()}s` },
      scope: "Namespaced",
      versions: [{ name: version, served: true }],
    },
  };
  const { kinds } = readDefinition(definition);
  const { matches } = resolve(readConfiguration([{ name: "crs.yaml", text: config }]), kinds);
  const [match, ...others] = matches.values();
  expect(others).toEqual([]);
  const resource = customResource(match!.configured, match!.kind, () => undefined);
  const made = renderer(resource, { labelsAllowList: [], annotationsAllowList: [] }, () => true);
  const texts = made.render(decodeJson(jsonObject, object));
  return { families: made.families, lines: texts.join("").split("\n").slice(0, -1) };
}

function isReadable(want: readonly string[]): boolean {
  const names = new Set(want.map((line) => line.slice(0, line.indexOf("{"))));
  try {
    for (const name of names) {
      const lines = want.filter((line) => line.startsWith(`${name}{`));
      // Series may repeat: reading one line at a time leaves that to the other tests.
      for (const line of lines)
        parseExposition(`# HELP ${name} h\n# TYPE ${name} gauge\n${line}\n`, "text");
    }
    return true;
  } catch {
    return false;
  }
}
