import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { constants, crc32, deflateRawSync, gunzipSync, inflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Block,
  gzipStream,
  identityStream,
  MetricsStore,
  type Piece,
  pieceSizes,
} from "./index.ts";
import { families, rowOf } from "../test/store-model.ts";

let ids = 0;

function blockOf(content: string | Buffer, level = 1): Block {
  const bytes = Buffer.from(content);
  const deflated = deflateRawSync(bytes, { level, finishFlush: constants.Z_FULL_FLUSH });
  return { id: ++ids, length: bytes.length, crc32: crc32(bytes), deflated: () => deflated };
}

function inflated(block: Block): Buffer {
  return inflateRawSync(block.deflated(), { finishFlush: constants.Z_SYNC_FLUSH });
}

function storedBlocks(): Block[] {
  const store = new MetricsStore(families, { groupRows: 8 });
  store.beginReplace();
  for (let number = 0; number < 100; number++)
    store.set(rowOf(number, { name: number, version: 1, shape: [1, 2, 0, 1, 3], departure: 0 }));
  store.endReplace();
  return store.snapshot().families.flat();
}

const noise = Buffer.from(
  Array.from(
    { length: 20_000 },
    (_, i) => `${Math.imul(i, 0x9e3779b1)} ${Math.imul(i, 0x85ebca6b)}\n`,
  ).join(""),
);

/** Literals and blocks of 0, 1 and many bytes, at levels 0, 1 and 9, deflated and not, in every neighbourhood. */
const mixed: Piece[] = [
  Buffer.from("# HELP a b\n"),
  blockOf("x"),
  blockOf(""),
  Buffer.alloc(0),
  Buffer.from("# HELP c d\n"),
  ...storedBlocks(),
  blockOf(noise),
  blockOf(noise, 0),
  Buffer.from("h\n".repeat(5000)),
  blockOf(noise, 9),
  blockOf("é\n".repeat(70_000)),
  Buffer.from("# EOF\n"),
];
const wanted = Buffer.concat(
  mixed.map((piece) => (Buffer.isBuffer(piece) ? piece : inflated(piece))),
);

test("the wanted text has every piece", () => {
  expect(wanted.length).toBe(mixed.reduce((sum, { length }) => sum + length, 0));
  expect(wanted.includes(noise)).toBe(true);
});

test.each([
  ["no pieces", []],
  ["one literal", [Buffer.from("a\n")]],
  ["one empty literal", [Buffer.alloc(0)]],
  ["one block of one byte", [blockOf("x")]],
] satisfies [string, Piece[]][])("%s makes a valid member", async (_, pieces) => {
  const want = pieces.map((piece) => (Buffer.isBuffer(piece) ? piece.toString() : "x")).join("");
  expect(gunzipSync(await buffer(gzipStream(pieces))).toString()).toBe(want);
  expect(await text(identityStream(pieces))).toBe(want);
});

test("the sizes of pieces are those of what is sent", async () => {
  expect(pieceSizes(mixed)).toEqual({
    identity: wanted.length,
    gzip: (await buffer(gzipStream(mixed))).length,
  });
});

describe("decoders accept the member and read the text of the pieces:", () => {
  let gzip: Buffer;
  beforeAll(async () => {
    gzip = await buffer(gzipStream(mixed));
  });

  test("Node", () => {
    expect(gunzipSync(gzip).equals(wanted)).toBe(true);
  });

  test("gzip", () => {
    execFileSync("gzip", ["-t"], { input: gzip });
    expect(execFileSync("gzip", ["-dc"], { input: gzip, maxBuffer: 1e8 }).equals(wanted)).toBe(
      true,
    );
  });

  test("Python", () => {
    const script =
      "import gzip,sys; sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))";
    expect(
      execFileSync("python3", ["-c", script], { input: gzip, maxBuffer: 1e8 }).equals(wanted),
    ).toBe(true);
  });

  test("curl, from a server", async () => {
    const server = createServer((_, response) => {
      response.setHeader("content-encoding", "gzip");
      gzipStream(mixed).pipe(response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const curl = spawn("curl", ["--silent", "--fail", "--compressed", "--noproxy", "*", url]);
    const [body, [code]] = await Promise.all([buffer(curl.stdout), once(curl, "exit")]);
    server.close();
    expect(code).toBe(0);
    expect(body.equals(wanted)).toBe(true);
  });
});

test.each([
  ["gzip", gzipStream],
  ["identity", identityStream],
])("%s: pieces are not read ahead of a reader that does not read", async (_, stream) => {
  let read = 0;
  const block = blockOf(noise);
  function* pieces(): Generator<Piece> {
    for (; read < 10_000; read++) yield block;
  }
  const readable = stream(pieces());
  await once(readable, "readable");
  // Whatever fills the buffers without a reader is done once the loop has turned idle many times.
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(read).toBeLessThan(20);
  readable.destroy();
});

test.each([
  ["gzip", gzipStream],
  ["identity", identityStream],
])("%s: pieces that throw fail the stream", async (_, stream) => {
  function* pieces(): Generator<Piece> {
    yield Buffer.from("a\n");
    throw new Error("the pieces broke");
  }
  await expect(buffer(stream(pieces()))).rejects.toThrow("the pieces broke");
});

test.each([
  ["gzip", gzipStream],
  ["identity", identityStream],
])("%s: a reader that goes away ends the pieces", async (_, stream) => {
  const block = blockOf(noise);
  const events: string[] = [];
  const { promise: end, resolve } = Promise.withResolvers<void>();
  function* pieces(): Generator<Piece> {
    try {
      for (;;) yield block;
    } finally {
      events.push("pieces ended");
      resolve();
    }
  }
  const readable: Readable = stream(pieces());
  await once(readable, "readable");
  events.push("reader gone");
  readable.destroy();
  await end;
  expect(events).toEqual(["reader gone", "pieces ended"]);
});
