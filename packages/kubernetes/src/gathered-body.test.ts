import { expect, test } from "vitest";
import { GatheredBody } from "./gathered-body.ts";

const calls: string[] = [];
const source = {
  pause: (): void => void calls.push("pause"),
  resume: (): void => void calls.push("resume"),
  abort: (reason: Error): void => void calls.push(reason.message),
};

function made(): GatheredBody {
  calls.length = 0;
  return new GatheredBody(source);
}

function push(body: GatheredBody, content: string): void {
  const bytes = Buffer.from(content);
  body.push(bytes, 0, bytes.length);
  // The memory it lay in is read into again.
  bytes.fill("?");
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const textOf = async (body: GatheredBody): Promise<string | undefined> =>
  (await body.next()).value?.toString();

test("what comes in one turn of the event loop is handed over together at its end", async () => {
  const body = made();
  let handed: Buffer | undefined;
  void body.next().then(({ value }) => (handed = value));
  push(body, "a");
  await Promise.resolve();
  expect(handed).toBeUndefined();
  push(body, "b");
  await turn();
  expect(handed?.toString()).toBe("ab");
});

test("64 KiB are handed over before the end of the turn", async () => {
  const body = made();
  const next = textOf(body);
  push(body, "x".repeat(65_536));
  expect((await next)?.length).toBe(65_536);
});

test("only the part that is named is taken", async () => {
  const body = made();
  body.push(Buffer.from("abcdef"), 2, 4);
  body.push(Buffer.from("abcdef"), 3, 3);
  expect(await textOf(body)).toBe("cd");
});

test("without gathering each chunk stays what it was", async () => {
  const body = made();
  const chunks: Buffer[] = [];
  for (const content of ["one", "two", "three"]) {
    push(body, content);
    chunks.push((await body.next()).value ?? Buffer.alloc(0));
  }
  expect(chunks.map(String)).toEqual(["one", "two", "three"]);
});

test("with gathering a chunk stays what it was until the next one is asked for, and its memory is used again", async () => {
  const body = made();
  body.gather(60_000);
  push(body, "one");
  const { value: first } = await body.next();
  push(body, "two");
  expect(first?.toString()).toBe("one");
  const { value: second } = await body.next();
  push(body, "three");
  expect(second?.toString()).toBe("two");
  const { value: third } = await body.next();
  expect([third?.toString(), third?.buffer]).toEqual(["three", first?.buffer]);
  body.end();
});

test("memory that is much too large is let go", async () => {
  const body = made();
  body.gather(60_000);
  push(body, "x".repeat(200_000));
  const { value: large } = await body.next();
  push(body, "a");
  await body.next();
  push(body, "b");
  await body.next();
  push(body, "c");
  const { value: small } = await body.next();
  expect(large?.buffer.byteLength).toBeGreaterThan(200_000);
  expect(small?.buffer.byteLength).toBeLessThan(10_000);
  body.end();
});

test("the connection is paused while more than 256 KiB wait to be read", async () => {
  const body = made();
  push(body, "x".repeat(200_000));
  expect(calls).toEqual([]);
  push(body, "x".repeat(100_000));
  push(body, "x".repeat(100_000));
  expect(calls).toEqual(["pause"]);
  expect((await textOf(body))?.length).toBe(400_000);
  expect(calls).toEqual(["pause", "resume"]);
});

test("a connection that rests is not resumed because its bytes are read", async () => {
  const body = made();
  body.gather(60_000);
  for (let event = 0; event < 3; event++) {
    push(body, "a");
    await turn();
  }
  expect(calls).toEqual(["pause"]);
  push(body, "x".repeat(300_000));
  await body.next();
  expect(calls).toEqual(["pause", "pause"]);
  body.end();
});

test("what came before the end or an error is read before it", async () => {
  const ending = made();
  push(ending, "last");
  ending.end();
  expect(await textOf(ending)).toBe("last");
  expect(await ending.next()).toEqual({ done: true, value: undefined });
  const failing = made();
  push(failing, "last");
  failing.fail(new Error("lost"));
  expect(await textOf(failing)).toBe("last");
  await expect(failing.next()).rejects.toThrow("lost");
});

test("a reader that waits hears of the end and of an error", async () => {
  const ending = made();
  const end = ending.next();
  ending.end();
  expect(await end).toEqual({ done: true, value: undefined });
  const failing = made();
  const next = failing.next();
  failing.fail(new Error("lost"));
  await expect(next).rejects.toThrow("lost");
});

test("leaving early cuts the connection", async () => {
  const body = made();
  push(body, "a");
  for await (const chunk of body) {
    expect(chunk.toString()).toBe("a");
    break;
  }
  expect(calls).toEqual(["the body is not wanted any more"]);
  push(body, "b");
  expect(await body.next()).toEqual({ done: true, value: undefined });
});
