import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import {
  gzipStream,
  identityStream,
  type Piece,
  SnapshotShare,
  type ShareSettings,
} from "./index.ts";

function shareOf(settings: Partial<ShareSettings<number>> = {}) {
  const state = { now: 0, taken: 0 };
  const share = new SnapshotShare<number>({
    take: () => ++state.taken,
    clock: () => state.now,
    ...settings,
  });
  return { state, share };
}

const incompressible = randomBytes(200_000);

/** A reader that does not read fills its buffers and stays open. */
function* endless(): Generator<Piece> {
  for (;;) yield incompressible;
}

async function buffersFull(stream: Readable): Promise<void> {
  stream.read(0); // Starts it, takes nothing.
  while (stream.readableLength < stream.readableHighWaterMark) await setImmediate();
}

async function failure(stream: Readable): Promise<unknown> {
  const [error] = await once(stream, "error");
  return error;
}

test("requests within the share time read one snapshot, later ones the next", async () => {
  const { state, share } = shareOf();
  const streams = [0, 1000, 1001].map((now) => {
    state.now = now;
    return share.read((snapshot) => [Buffer.from(`${snapshot}\n`)], identityStream);
  });
  expect(share.alive).toBe(2);
  expect(await Promise.all(streams.map((stream) => text(stream)))).toEqual(["1\n", "1\n", "2\n"]);
  expect(share.alive).toBe(0);
});

test("a snapshot that is no longer read is not kept", async () => {
  const { share } = shareOf();
  const stream = share.read(endless, gzipStream);
  expect(share.alive).toBe(1);
  stream.destroy();
  await once(stream, "close");
  expect(share.alive).toBe(0);
});

test("beyond the limit of snapshots the readers of the oldest are cut, the others go on", async () => {
  const { state, share } = shareOf({ maxAlive: 2 });
  const streams = [0, 0, 2000].map((now) => {
    state.now = now;
    return share.read(endless, gzipStream);
  });
  state.now = 4000;
  const cut = Promise.all(streams.slice(0, 2).map((stream) => failure(stream)));
  const newest = share.read(endless, gzipStream);
  expect(share.alive).toBe(2);
  expect(await cut).toEqual([
    expect.objectContaining({ code: "STORE_READER_CUT" }),
    expect.objectContaining({ code: "STORE_READER_CUT" }),
  ]);
  expect([streams[2]?.destroyed, newest.destroyed]).toEqual([false, false]);
  for (const stream of [...streams, newest]) stream.destroy();
});

test("a reader that takes nothing for the stall time is cut, one that reads is not", async () => {
  const { state, share } = shareOf({ stallAfter: 100 });
  const stalled = share.read(endless, gzipStream);
  const reading = share.read(endless, gzipStream);
  await Promise.all([buffersFull(stalled), buffersFull(reading)]);
  state.now = 99;
  expect(share.cutStalled()).toBe(0);
  for (let chunks = 0; chunks < 3; chunks++) {
    reading.read();
    await buffersFull(reading);
  }
  state.now = 100;
  const cut = failure(stalled);
  expect(share.cutStalled()).toBe(1);
  expect(await cut).toMatchObject({ code: "STORE_READER_CUT" });
  expect(reading.destroyed).toBe(false);
  reading.destroy();
});

test("a stream that is cut before anybody reads it harms nobody and is not kept", async () => {
  const { state, share } = shareOf({ maxAlive: 1 });
  const unread = share.read(endless, gzipStream);
  state.now = 2000;
  const newest = share.read(endless, gzipStream);
  while (!unread.closed) await setImmediate();
  expect(unread.errored).toMatchObject({ code: "STORE_READER_CUT" });
  expect(share.alive).toBe(1);
  newest.destroy();
});
