import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "./byte-queue.ts";

test("bytes come out as they went in, however they are pushed and taken", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 3000 }), fc.nat(4000))), (steps) => {
      const queue = new ByteQueue();
      const pushed: Uint8Array[] = [];
      const taken: Buffer[] = [];
      for (const [chunk, take] of steps) {
        const memory = Uint8Array.from(chunk);
        queue.push(memory);
        pushed.push(chunk);
        const count = Math.min(take, queue.length);
        taken.push(Buffer.from(queue.bytes.subarray(queue.start, queue.start + count)));
        queue.start += count;
        queue.settle();
        memory.fill(0xaa);
      }
      taken.push(Buffer.from(queue.bytes.subarray(queue.start, queue.end)));
      expect(Buffer.concat(taken)).toEqual(Buffer.concat(pushed));
    }),
  );
});

test("a chunk is used where it lies until something of it has to be kept", () => {
  const chunk = Buffer.alloc(64 * 1024);
  const queue = new ByteQueue();
  queue.push(chunk);
  expect(queue.bytes.buffer).toBe(chunk.buffer);
  queue.start = queue.end - 10;
  queue.settle();
  expect(queue.bytes.buffer).not.toBe(chunk.buffer);
  expect(queue.bytes.buffer.byteLength).toBeLessThan(4096);
  queue.start = queue.end;
  queue.settle();
  expect(queue.bytes.length).toBe(0);
});

test("memory is bounded by what waits, not by what has passed", () => {
  const queue = new ByteQueue();
  for (let count = 0; count < 1000; count++) {
    queue.push(Buffer.alloc(1000));
    queue.start += Math.min(queue.length, count === 0 ? 500 : 1000);
    queue.settle();
  }
  expect(queue.length).toBe(500);
  expect(queue.bytes.length).toBeLessThan(8192);
});

test("too much waiting is an error", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.alloc(11));
  expect(() => queue.guard(10, "one thing")).toThrow("one thing is larger than 10 bytes");
});
