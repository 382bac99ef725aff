import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { constants, crc32, deflateRawSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Block, gzipStream, type Piece } from "../src/index.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;

/** The decoders that Prometheus and its forks have been built with. */
describe.skipIf(!hasGo).each(["standard", "klauspost"])("Go, %s gzip,", (decoder) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gunzip-"));
    execFileSync("go", ["build", "-o", join(folder, "gunzip"), "."], {
      cwd: new URL("go", import.meta.url),
      env: { ...process.env, CGO_ENABLED: "0" },
    });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function decoded(pieces: Iterable<Piece>): Promise<string> {
    const child = spawn(join(folder, "gunzip"), [decoder], { stdio: ["pipe", "pipe", "inherit"] });
    const [output, [code]] = await Promise.all([
      text(child.stdout),
      once(child, "exit"),
      pipeline(gzipStream(pieces), child.stdin),
    ]);
    expect(code).toBe(0);
    return output;
  }

  test("reads literals and blocks of 0, 1 and more than 64 KB, at levels 0, 1 and 9", async () => {
    const long = Array.from({ length: 30_000 }, (_, at) => `${Math.imul(at, 0x9e3779b1)}\n`).join(
      "",
    );
    const pieces: Piece[] = [Buffer.from("# TYPE a gauge\n"), Buffer.alloc(0)];
    for (const level of [0, 1, 9])
      for (const content of ["", "x", long])
        pieces.push(blockOf(content, level), Buffer.from("#\n"));
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    expect(await decoded(pieces)).toBe(`${length} 0\n`);
  });

  test("reads a member of more than 4 GB, whose length is written modulo 2^32", async () => {
    const line = "kube_pod_status_ready 1\n";
    const block = blockOf(line.repeat(3_000_000), 1);
    const literal = Buffer.from("# between\n");
    expect(block.deflated().length).toBeGreaterThan(64 << 10);
    const count = Math.ceil(2 ** 32 / block.length) + 1;
    function* pieces(): Generator<Piece> {
      for (let at = 0; at < count; at++) yield* [literal, block];
    }
    const length = count * (block.length + literal.length);
    expect(length).toBeGreaterThan(2 ** 32);
    expect(await decoded(pieces())).toBe(`${length} 0\n`);
  }, 60_000);
});

function blockOf(content: string, level: number): Block {
  const bytes = Buffer.from(content);
  const deflated = deflateRawSync(bytes, { level, finishFlush: constants.Z_FULL_FLUSH });
  return { id: 1, length: bytes.length, crc32: crc32(bytes), deflated: () => deflated };
}
