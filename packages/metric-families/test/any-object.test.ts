import { parseExposition } from "@kube-state-mosaic/exposition";
import { decodeJson, decodeProtobuf, encodeProtobuf, type Message } from "@kube-state-mosaic/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
// The JSON forms that a schema can express are the wire package's own test data.
import { jsonOf } from "../../wire/test/arbitrary.ts";
import { renderer } from "../src/renderer.ts";
import { resources } from "../src/resources/index.ts";

const config = { labelsAllowList: ["*"], annotationsAllowList: ["*"] };

describe.each(Object.values(resources))("any object of $name", (resource) => {
  const { families, render } = renderer(resource, config, () => true);
  const schema: Message<never> = resource.schema;
  const identity = Object.entries(resource.identity);

  test("renders to samples of its families that a strict parser reads back", () => {
    fc.assert(
      fc.property(jsonOf(schema), (json) => {
        const object = decodeJson(schema, json);
        const labels = identity.map(([name, valueOf]) => [name, valueOf(object).toWellFormed()]);
        render(object).forEach((text, index) => {
          expect(text === "" || text.endsWith("\n")).toBe(true);
          for (const line of text.split("\n").slice(0, -1))
            expectSample(line, families[index]!.name, labels);
        });
      }),
      { numRuns: 25 },
    );
  });

  test("renders the same from protobuf as from JSON", () => {
    fc.assert(
      fc.property(jsonOf(schema), (json) => {
        const decoded = decodeProtobuf(schema, encodeProtobuf(schema, json));
        expect(render(decoded).join("")).toBe(render(decodeJson(schema, json)).join(""));
      }),
      { numRuns: 25 },
    );
  });
});

/** One by one: an object may well repeat a series (two equal taints), as it does in the reference. */
function expectSample(line: string, name: string, identity: readonly (readonly string[])[]): void {
  const samples = parseExposition(`${line}\n`, "text").flatMap((family) => family.samples);
  expect(samples).toHaveLength(1);
  expect(samples[0]!.name).toBe(name);
  expect(samples[0]!.labels.slice(0, identity.length)).toEqual(identity);
}
