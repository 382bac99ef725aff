import { encodeProtobuf } from "@kube-state-mosaic/wire";
import { describe, expect, test } from "vitest";
import { populate, startFakeKubernetes } from "../src/index.ts";
import { ByteWriter } from "../src/byte-writer.ts";
import { schemaOf } from "../src/protobuf-schemas.ts";
import { builtInResources } from "../src/resources.ts";
import { writeMessage } from "../src/schema-writer.ts";

describe("the encoder", () => {
  test("writes the same bytes as wire's for every object of a synthetic cluster", async () => {
    await using fake = await startFakeKubernetes();
    populate(fake, { pods: 200 });
    const writer = new ByteWriter();
    let compared = 0;
    for (const { name, path } of builtInResources) {
      const schema = schemaOf(name);
      if (schema === undefined) continue;
      for (const object of fake.list(path)) {
        writeMessage(writer, schema, object);
        expect(writer.take()).toEqual(encodeProtobuf(schema, object));
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  test.each([0, 127, 128, 16_383, 16_384, 200_000])(
    "measures a nested message of %i bytes",
    (size) => {
      const writer = new ByteWriter();
      const start = writer.open(1);
      writer.raw(2, Buffer.alloc(size, 7));
      writer.close(start);
      const inner = new ByteWriter();
      inner.raw(2, Buffer.alloc(size, 7));
      const plain = new ByteWriter();
      plain.raw(1, inner.take());
      expect(writer.take()).toEqual(plain.take());
    },
  );

  test("refuses values of the wrong type", () => {
    const schema = schemaOf("pods")!;
    for (const bad of [
      [],
      "text",
      { spec: { nodeName: 1 } },
      { spec: { containers: {} } },
      { status: { startTime: "soon" } },
    ])
      expect(() => writeMessage(new ByteWriter(), schema, bad)).toThrow(TypeError);
  });
});
