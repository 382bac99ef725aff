import { expect, test } from "vitest";
import { ListSlots } from "./list-slots.ts";

const live = new AbortController().signal;

test("slots go to those who wait in their order, and giving one back twice does nothing", async () => {
  const slots = new ListSlots(1);
  const first = await slots.acquire(live);
  const order: string[] = [];
  const second = slots.acquire(live).then((release) => (order.push("second"), release));
  const third = slots.acquire(live).then((release) => (order.push("third"), release));
  first?.();
  first?.();
  const release = await second;
  expect(order).toEqual(["second"]);
  release?.();
  (await third)?.();
  expect(order).toEqual(["second", "third"]);
  expect(await slots.acquire(live)).toBeTypeOf("function");
});

test("who is aborted while waiting leaves the queue without a slot", async () => {
  const slots = new ListSlots(1);
  const release = await slots.acquire(live);
  const abort = new AbortController();
  const aborted = slots.acquire(abort.signal);
  const next = slots.acquire(live);
  abort.abort();
  expect(await aborted).toBeUndefined();
  release?.();
  expect(await next).toBeTypeOf("function");
});
