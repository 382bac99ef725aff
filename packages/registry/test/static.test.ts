import { expect, test } from "vitest";
import type { ObservedMember } from "../src/member.ts";
import { StaticRegistry } from "../src/static.ts";
import { layoutText, record } from "./layouts.ts";
import { until } from "./until.ts";

const identity = { ordinal: "1", uid: "pod-uid" };

test("flags are a registry that is always up, with the layout they name, which nobody can write", async () => {
  const registry = new StaticRegistry({ identity, layout: layoutText(1) });
  expect(registry).toMatchObject({ mode: "static", up: true });
  expect(await registry.readLayout()).toMatchObject({
    text: layoutText(1),
    regressedFrom: undefined,
  });
  expect(await registry.writeLayout()).toBe("conflict");
  const seen: (string | undefined)[] = [];
  registry.watchLayout((layout) => seen.push(layout?.text), new AbortController().signal);
  await until("it is told", () => seen.length === 1);
  expect(seen).toEqual([layoutText(1)]);
});

test("flags need not name a layout", async () => {
  expect(await new StaticRegistry({ identity }).readLayout()).toBeUndefined();
});

test("with flags one knows only oneself, always fresh, until one is released", async () => {
  const registry = new StaticRegistry({ identity });
  const abort = new AbortController();
  const seen: (readonly ObservedMember[])[] = [];
  registry.watchMembers((members) => seen.push(members), abort.signal);
  await until("it is told", () => seen.length === 1);
  registry.register(record());
  registry.update(record({ leaving: true }));
  const own = {
    ordinal: "1",
    holder: "pod-uid",
    record: record({ leaving: true }),
    freshness: "fresh",
  };
  expect(registry.members()).toEqual([own]);
  expect(registry.freshness("1")).toBe("fresh");
  expect(registry.freshness("0")).toBe("unknown");
  abort.abort();
  await registry.release();
  expect(registry.members()).toEqual([]);
  expect(seen).toEqual([[], [{ ...own, record: record() }], [own]]);
});
