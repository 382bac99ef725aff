import { expect, test } from "vitest";
import { ResponseBody, type BodySource } from "./response-body.ts";

/** Notes what is asked of the connection, and can be waited for. */
class Source implements BodySource {
  readonly calls: string[] = [];
  #resumed = Promise.withResolvers<void>();

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
    this.#resumed.resolve();
    this.#resumed = Promise.withResolvers();
  }

  abort(): void {
    this.calls.push("abort");
  }

  get resumed(): Promise<void> {
    return this.#resumed.promise;
  }
}

const turn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
const little = Buffer.alloc(100);
const much = Buffer.alloc(40_000);

test("a body that gathers leaves the connection alone after a turn that brought little, and takes it up again", async () => {
  const source = new Source();
  const body = new ResponseBody(source);
  body.gather(5);
  body.push(little);
  body.push(little);
  expect(source.calls).toEqual([]);
  await source.resumed;
  expect(source.calls).toEqual(["pause", "resume"]);
  expect((await body.next()).value).toBe(little);
  expect((await body.next()).value).toBe(little);
});

test("a body that gathers reads on after a turn that brought much", async () => {
  const source = new Source();
  const body = new ResponseBody(source);
  body.gather(5);
  body.push(much);
  await turn();
  expect(source.calls).toEqual([]);
});

test("a body that does not gather never rests", async () => {
  const source = new Source();
  const body = new ResponseBody(source);
  body.push(little);
  await turn();
  expect(source.calls).toEqual([]);
});

test("a body that ends while it rests does not take up its connection again", async () => {
  const source = new Source();
  const body = new ResponseBody(source);
  body.gather(5);
  body.push(little);
  await turn();
  body.end();
  const later = new ResponseBody(source);
  later.gather(5);
  later.push(little);
  await source.resumed;
  await turn();
  expect(source.calls).toEqual(["pause", "pause", "resume"]);
});

test("what rests and is full is read again only when it is neither", async () => {
  const source = new Source();
  const body = new ResponseBody(source);
  body.push(Buffer.alloc(300_000));
  expect(source.calls).toEqual(["pause"]);
  body.gather(5);
  body.push(little);
  await turn();
  await body.next();
  expect(source.calls).toEqual(["pause"]);
  await source.resumed;
  expect(source.calls).toEqual(["pause", "resume"]);
});
