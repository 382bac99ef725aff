import { expect, test } from "vitest";
import { Accounting } from "./accounting.ts";

test("each shard that gains slots is told what was shown of them, also where that is nothing", () => {
  const accounting = new Accounting(true, () => 0);
  accounting.listStarted();
  accounting.listCompleted("900", 0);
  const gainers = new Map([
    [3, "1"],
    [4, "1"],
    [5, "2"],
  ]);
  const view = { slots: undefined, gainers };
  expect(accounting.report(view, undefined).shown).toEqual({ 1: 0, 2: 0 });
  const raw = { resourceVersion: "905", uid: "u", uidStart: 0, uidEnd: 0 } as never;
  accounting.applying(raw, 4);
  accounting.bookmark("950");
  expect(accounting.report(view, undefined).shown).toEqual({ 1: 905, 2: 0 });
});
