import type { Registry, StoredLayout } from "@kube-state-mosaic/registry";
import { firstLayout, serialiseLayoutState } from "@kube-state-mosaic/sharding";
import { expect, test } from "vitest";
import { registeredWorkers } from "./registered-workers.ts";

function textOf(epoch: number): string {
  return serialiseLayoutState({
    v: 1,
    floor: epoch,
    source: { uid: "set", generation: epoch, start: 0, replicas: 2 },
    active: { ...firstLayout(epoch, ["0", "1"], "xxh64"), activateAt: 0 },
    pending: undefined,
    previous: undefined,
  });
}

test("a layout stays what it was when the store loses it, goes back or holds what cannot be read", () => {
  let tell: (layout: StoredLayout | undefined) => void = () => undefined;
  const registry: Pick<Registry, "watchLayout" | "watchMembers" | "members"> = {
    watchLayout: (onChange) => void (tell = onChange),
    watchMembers: () => undefined,
    members: () => [],
  };
  const warnings: string[] = [];
  const source = registeredWorkers(registry, { warn: (message) => void warnings.push(message) });
  source.watch(new AbortController().signal);
  const stored = (text: string, regressedFrom?: number): StoredLayout => ({
    text,
    version: "1",
    regressedFrom,
  });
  const epoch = () => source.current().layout?.active.epoch;
  expect(source.current()).toMatchObject({
    layout: undefined,
    problem: "no layout has been read yet",
  });
  tell(undefined);
  expect(source.current().problem).toBe("no layout is stored");
  tell(stored(textOf(3)));
  expect(source.current()).toMatchObject({ problem: undefined });
  for (const worse of [undefined, stored(textOf(2)), stored(textOf(4), 9), stored("{}")]) {
    tell(worse);
    expect(epoch()).toBe(3);
  }
  expect(warnings).toEqual(["the stored layout cannot be read; the one before it stays"]);
  tell(stored(textOf(5)));
  expect(epoch()).toBe(5);
});
