import { parseExposition } from "@kube-state-mosaic/exposition";
import { decodeJson, jsonObject } from "@kube-state-mosaic/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readConfiguration } from "./configuration.ts";
import { customResource } from "./custom-resource.ts";

const kind = { group: "g", version: "v1", kind: "K", plural: "ks", namespaced: true };

/** Few keys, so that paths meet what they look for; and keys that nobody expects. */
const key = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "type",
    "name",
    "0",
    "-1",
    "1st",
    "a=b",
    "",
    "__proto__",
    "constructor",
  ),
  fc.string({ maxLength: 4, unit: "grapheme" }),
);
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, "True", "7", "1.5Gi", "2024-05-01T10:00:00Z", 'quo"te\n\\'),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: "grapheme" }),
);
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 4 })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

const path = fc.array(
  fc.oneof(
    fc.constantFrom("a", "b", "type", "0", "-1", "a=b", "[type=True]", "[a=1]", "constructor"),
    key.filter((step) => !(step.startsWith("[") && step.endsWith("]"))),
  ),
  { maxLength: 3 },
);
const labelsFromPath = fc.dictionary(
  fc.constantFrom("*", "**", "x_*", "*y", "label", "a-b"),
  path,
  { maxKeys: 3 },
);
const each = fc.oneof(
  fc
    .record({ path, valueFrom: path, labelsFromPath, nilIsZero: fc.boolean() })
    .map((gauge) => ({ type: "Gauge", gauge: { ...gauge, labelFromKey: "key" } })),
  fc.record({ path, labelsFromPath }).map((info) => ({ type: "Info", info })),
  fc.record({ path, valueFrom: path, labelsFromPath }).map((set) => ({
    type: "StateSet",
    stateSet: { ...set, labelName: "s", list: ["True", "7"] },
  })),
);

test("whatever a configuration that is accepted meets in an object, the lines can be read", () => {
  let read = 0;
  fc.assert(
    fc.property(each, labelsFromPath, value, (each, labels, root) => {
      const metrics = [{ name: "m", help: "h", each }];
      const spec = {
        resources: [{ groupVersionKind: { group: "g" }, labelsFromPath: labels, metrics }],
      };
      const text = JSON.stringify({ spec });
      const [configured] = readConfiguration([{ name: "crs", text }]).resources;
      const resource = customResource(configured!, kind, ({ message }) =>
        expect(message).not.toBe(""),
      );
      const [family] = resource.families({ labelsAllowList: [], annotationsAllowList: [] });
      const object = decodeJson(jsonObject, { a: root, b: [root] });
      const rendered = family!.render(object, "");
      // Series may repeat, which is the configuration's doing: a line at a time.
      for (const line of rendered.split("\n").slice(0, -1)) {
        read++;
        expect(
          parseExposition(`# TYPE kube_customresource_m gauge\n${line}\n`, "text"),
        ).toHaveLength(1);
      }
      expect(rendered === "" || rendered.endsWith("\n")).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(read).toBeGreaterThan(100);
});
