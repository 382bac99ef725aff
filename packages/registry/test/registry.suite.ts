import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Freshness } from "../src/member.ts";
import type { Registry, StoredLayout } from "../src/registry.ts";
import type { Backend, OpenOptions } from "./backend.ts";
import { layoutText, pendingText, record } from "./layouts.ts";
import { ManualClock } from "../../kubernetes/test/manual-clock.ts";
import { until } from "./until.ts";

/** What every registry that is shared must do. */
export function sharedRegistry(startBackend: () => Promise<Backend>): void {
  let backend: Backend;
  let clock: ManualClock;
  let abort: AbortController;
  let opened: Registry[];

  beforeEach(async () => {
    backend = await startBackend();
    clock = new ManualClock();
    abort = new AbortController();
    opened = [];
  });

  afterEach(async () => {
    abort.abort();
    await Promise.all(opened.map((registry) => registry.release()));
    await backend[Symbol.asyncDispose]();
  });

  const open = (options: Partial<OpenOptions> = {}): Registry => {
    const registry = backend.open({ clock, ...options });
    opened.push(registry);
    return registry;
  };
  const member = (ordinal: string, over: Partial<OpenOptions> = {}): Registry =>
    open({ identity: { ordinal, uid: `uid-${ordinal}` }, ...over });

  const versions = async (): Promise<string | undefined> => (await open().readLayout())?.version;

  describe("the layout", () => {
    test("is undefined where none is stored", async () => {
      expect(await open().readLayout()).toBeUndefined();
    });

    test("is read back as it was written, by others too, with a version for the next write", async () => {
      const [writer, reader] = [open(), open()];
      expect(await writer.writeLayout(layoutText(1), undefined)).toBe("written");
      const first = await reader.readLayout();
      expect(first).toMatchObject({ text: layoutText(1), regressedFrom: undefined });
      expect(await reader.writeLayout(layoutText(2), first?.version)).toBe("written");
      expect(await writer.readLayout()).toMatchObject({ text: layoutText(2) });
    });

    test("is created by exactly one of many that find none", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) => open().writeLayout(layoutText(i + 1), undefined)),
      );
      expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
      const winner = outcomes.indexOf("written");
      expect((await open().readLayout())?.text).toBe(layoutText(winner + 1));
    });

    test("is replaced by exactly one of two writers that read the same version, in every round", async () => {
      const conflicts: string[] = [];
      const writers = ["a", "b"].map((who) =>
        open({ observer: { onConflict: () => conflicts.push(who) } }),
      );
      await open().writeLayout(layoutText(1), undefined);
      const rounds = 20;
      for (let round = 0; round < rounds; round++) {
        const version = await versions();
        const texts = [layoutText(2 + 2 * round), layoutText(3 + 2 * round)];
        const outcomes = await Promise.all(
          writers.map((writer, i) => writer.writeLayout(texts[i] ?? "", version)),
        );
        expect(outcomes.toSorted()).toEqual(["conflict", "written"]);
        const stored = await open().readLayout();
        expect(stored?.text).toBe(texts[outcomes.indexOf("written")]);
      }
      expect(conflicts).toHaveLength(rounds);
    });

    test("is not created again where one is, nor changed under an outdated version", async () => {
      const registry = open();
      await registry.writeLayout(layoutText(1), undefined);
      const old = (await registry.readLayout())?.version;
      await registry.writeLayout(layoutText(2), old);
      expect(await registry.writeLayout(layoutText(3), undefined)).toBe("conflict");
      expect(await registry.writeLayout(layoutText(3), old)).toBe("conflict");
      expect((await registry.readLayout())?.text).toBe(layoutText(2));
    });

    test("is not written under a version when it has been deleted", async () => {
      const registry = open();
      await registry.writeLayout(layoutText(1), undefined);
      const version = await versions();
      await backend.deleteLayout();
      expect(await registry.writeLayout(layoutText(2), version)).toBe("conflict");
      expect(await registry.readLayout()).toBeUndefined();
    });

    test("is watched from its present state on, through every change, to its deletion", async () => {
      const [writer, reader] = [open(), open()];
      const seen: (string | undefined)[] = [];
      reader.watchLayout((layout) => seen.push(layout?.text), abort.signal);
      await until("the absence is told", () => seen.length === 1);
      await writer.writeLayout(layoutText(1), undefined);
      await until("the first is told", () => seen.length === 2);
      await writer.writeLayout(layoutText(2), await versions());
      await until("the second is told", () => seen.length === 3);
      await backend.deleteLayout();
      await until("the deletion is told", () => {
        clock.advance(1_000);
        return seen.length === 4;
      });
      expect(seen).toEqual([undefined, layoutText(1), layoutText(2), undefined]);
    });

    test("is not told any more once the watch is aborted", async () => {
      const [writer, reader, other] = [open(), open(), open()];
      const seen: unknown[] = [];
      const own = new AbortController();
      let told = 0;
      reader.watchLayout((layout) => seen.push(layout), own.signal);
      other.watchLayout(() => (told += 1), abort.signal);
      await until("both watch", () => seen.length === 1 && told === 1);
      own.abort();
      await writer.writeLayout(layoutText(1), undefined);
      await until("the other one is told", () => told === 2);
      expect(seen).toEqual([undefined]);
    });

    test("is marked when the store has an older one than before, once, and can be written back", async () => {
      const lost: unknown[] = [];
      const watched: (StoredLayout | undefined)[] = [];
      const registry = open({ observer: { onRegressed: (epochs) => lost.push(epochs) } });
      registry.watchLayout((layout) => watched.push(layout), abort.signal);
      await until("it watches", () => watched.length === 1);
      await registry.writeLayout(layoutText(5), undefined);
      await until("the state is told", () => watched.length === 2);
      await backend.restoreLayout(layoutText(3));
      await until("the loss is told", () => {
        clock.advance(1_000);
        return watched.length === 3;
      });
      expect(watched[2]).toMatchObject({ text: layoutText(3), regressedFrom: 5 });
      const read = await registry.readLayout();
      expect(read).toMatchObject({ text: layoutText(3), regressedFrom: 5 });
      expect(lost).toEqual([{ stored: 3, known: 5 }]);
      expect(await registry.writeLayout(layoutText(6), read?.version)).toBe("written");
      expect(await registry.readLayout()).toMatchObject({ regressedFrom: undefined });
    });

    test("is marked when only a commit was lost, though no epoch was", async () => {
      const registry = open();
      await registry.writeLayout(pendingText(2), undefined);
      expect(
        await registry.writeLayout(layoutText(2), (await registry.readLayout())?.version),
      ).toBe("written");
      await backend.restoreLayout(pendingText(2));
      expect(await registry.readLayout()).toMatchObject({ text: pendingText(2), regressedFrom: 2 });
    });

    test("of a format that is not known is passed on as it is", async () => {
      const registry = open();
      await registry.writeLayout(layoutText(5), undefined);
      const version = (await registry.readLayout())?.version;
      expect(await registry.writeLayout('{"v":2}', version)).toBe("written");
      expect(await registry.readLayout()).toMatchObject({
        text: '{"v":2}',
        regressedFrom: undefined,
      });
    });

    test("is reported as lost when it was deleted", async () => {
      const lost: unknown[] = [];
      const registry = open({ observer: { onRegressed: (epochs) => lost.push(epochs) } });
      await registry.writeLayout(layoutText(4), undefined);
      await backend.deleteLayout();
      expect(await registry.readLayout()).toBeUndefined();
      expect(lost).toEqual([{ stored: 0, known: 4 }]);
    });

    test("cannot be read or written while the store does not answer, and nothing is known to be written", async () => {
      const registry = open();
      await registry.writeLayout(layoutText(1), undefined);
      const version = await versions();
      await backend.stop();
      await expect(registry.readLayout()).rejects.toMatchObject({ name: "ExporterError" });
      await expect(registry.writeLayout(layoutText(2), version)).rejects.toMatchObject({
        name: "ExporterError",
      });
      await backend.start();
      await until("it is read again", async () => {
        clock.advance(1_000);
        return (await registry.readLayout().catch(() => undefined))?.text === layoutText(1);
      });
    });
  });

  describe("members", () => {
    const seenBy = (registry: Registry): Record<string, Freshness> =>
      Object.fromEntries(registry.members().map((one) => [one.ordinal, one.freshness]));

    const watching = async (over: Partial<OpenOptions> = {}): Promise<Registry> => {
      const registry = open(over);
      let told = false;
      registry.watchMembers(() => (told = true), abort.signal);
      await until("it watches", () => {
        // An empty list is no news, but the connection is up.
        return told || registry.up;
      });
      return registry;
    };

    test("are seen by others with what they say, in the order of their ordinals", async () => {
      const observer = await watching();
      for (const ordinal of ["10", "2", "0"]) {
        member(ordinal).register(record({ reason: `I am ${ordinal}` }));
        clock.advance(0);
        await until("it is seen", () => observer.freshness(ordinal) === "fresh");
      }
      expect(observer.members()).toEqual(
        ["0", "2", "10"].map((ordinal) => ({
          ordinal,
          holder: `uid-${ordinal}`,
          record: record({ reason: `I am ${ordinal}` }),
          freshness: "fresh",
        })),
      );
    });

    test("tell a change at once, and further ones together 200 ms later", async () => {
      const observer = open();
      const reasons: (string | undefined)[] = [];
      observer.watchMembers((members) => reasons.push(members[0]?.record.reason), abort.signal);
      await until("it watches", () => observer.up);
      const registry = member("0");
      registry.register(record({ reason: "one" }));
      clock.advance(0);
      await until("the first is seen", () => reasons.includes("one"));
      registry.update(record({ reason: "two" }));
      registry.update(record({ reason: "three" }));
      clock.advance(199);
      await registry.readLayout();
      expect(reasons.filter((reason) => reason !== undefined)).toEqual(["one"]);
      clock.advance(1);
      await until("the last is seen", () => {
        // The answer to the first may have come after the step of the clock.
        clock.advance(0);
        return reasons.includes("three");
      });
      expect(reasons.filter((reason) => reason !== undefined)).toEqual(["one", "three"]);
    });

    test("stay fresh as long as they renew, without news for those who watch", async () => {
      const observer = open();
      let told = 0;
      observer.watchMembers(() => (told += 1), abort.signal);
      await until("it watches", () => observer.up);
      member("0").register(record());
      clock.advance(0);
      await until("it is seen", () => observer.freshness("0") === "fresh");
      const before = told;
      for (let renewal = 0; renewal < 12; renewal++) {
        clock.advance(9_000);
        clock.advance(2_000);
        // Written and seen, or the next steps would find a member that is 40 s old.
        await until("it is fresh", () => observer.freshness("0") === "fresh");
        await observer.readLayout();
      }
      expect(told).toBe(before);
    });

    test("that stop renewing are dead after 40 s, while others are fresh", async () => {
      const observer = await watching();
      const stopped = new ManualClock();
      member("0", { clock: stopped }).register(record());
      member("1").register(record());
      stopped.advance(0);
      clock.advance(0);
      await until("both are seen", () => observer.members().length === 2);
      await until("it is dead", () => {
        clock.advance(500);
        return observer.freshness("0") === "dead";
      });
      expect(clock.now()).toBeGreaterThanOrEqual(40_000);
      await until("the other one is fresh", () => {
        clock.advance(500);
        return observer.freshness("1") === "fresh";
      });
      expect(observer.freshness("0")).toBe("dead");
    });

    test("found at the start are unknown until they change, and dead if they have not for 40 s", async () => {
      // A clock of its own, which stands still: this member has stopped.
      const stopped = new ManualClock();
      member("0", { clock: stopped }).register(record());
      stopped.advance(0);
      const alive = member("1");
      alive.register(record());
      clock.advance(0);
      const early = await watching();
      await until("both are stored", () => early.members().length === 2);
      const observer = await watching();
      expect(seenBy(observer)).toEqual({ 0: "unknown", 1: "unknown" });
      await until("one has renewed", () => {
        clock.advance(250);
        return observer.freshness("1") === "fresh";
      });
      expect(observer.freshness("0")).toBe("unknown");
      await until("the other is dead", () => {
        clock.advance(500);
        return observer.freshness("0") === "dead";
      });
      expect(clock.now()).toBeGreaterThanOrEqual(40_000);
      expect(observer.freshness("7")).toBe("dead");
    });

    test("are all unknown during an outage and for 40 s after it, and none of it is news", async () => {
      const observer = open();
      let told = 0;
      observer.watchMembers(() => (told += 1), abort.signal);
      await until("it watches", () => observer.up);
      const stopped = new ManualClock();
      member("0", { clock: stopped }).register(record());
      stopped.advance(0);
      await until("it is seen", () => observer.freshness("0") === "fresh");
      const before = told;
      await backend.stop();
      await until("the outage is noticed", () => {
        clock.advance(500);
        return !observer.up;
      });
      clock.advance(300_000);
      expect(seenBy(observer)).toEqual({ 0: "unknown" });
      expect(observer.freshness("7")).toBe("unknown");
      expect(observer.connectedSince).toBeUndefined();
      await backend.start();
      await until("the store is back", () => {
        clock.advance(1_000);
        return observer.up;
      });
      expect(seenBy(observer)).toEqual({ 0: "unknown" });
      const backAt = clock.now();
      expect(observer.connectedSince).toBeGreaterThanOrEqual(backAt - 1_000);
      await until("it is dead", () => {
        clock.advance(500);
        return observer.freshness("0") === "dead";
      });
      // The first answer after the outage may have come in the second before.
      expect(clock.now() - backAt).toBeGreaterThanOrEqual(39_000);
      expect(told).toBe(before);
    });

    test("are unknown to an observer that stood still itself, and for 40 s afterwards", async () => {
      const observer = await watching();
      const stopped = new ManualClock();
      member("0", { clock: stopped }).register(record());
      stopped.advance(0);
      await until("it is seen", () => observer.freshness("0") === "fresh");
      // It has listened for long enough to know who is dead.
      await until("nobody is there", () => {
        clock.advance(250);
        return observer.freshness("7") === "dead";
      });
      clock.advance(60_000);
      const awakeAt = clock.now();
      expect(observer.freshness("0")).toBe("unknown");
      expect(observer.connectedSince).toBeUndefined();
      await until("it is dead", () => {
        clock.advance(250);
        return observer.freshness("0") === "dead";
      });
      expect(clock.now() - awakeAt).toBeGreaterThanOrEqual(40_000);
    });

    test("whose records are deleted stay for 40 s and are told again when they write", async () => {
      const observer = await watching();
      member("0").register(record());
      clock.advance(0);
      await until("it is seen", () => observer.freshness("0") === "fresh");
      await backend.deleteMembers();
      await until("the record is back", async () => {
        clock.advance(1_000);
        const again = open();
        again.watchMembers(() => undefined, abort.signal);
        await until("it looks", () => again.up);
        return again.members().length === 1;
      });
      expect(observer.freshness("0")).toBe("fresh");
    });

    test("that are gone for good leave nothing", async () => {
      const observer = await watching();
      const registry = member("0");
      registry.register(record());
      clock.advance(0);
      await until("it is seen", () => observer.members().length === 1);
      await registry.release({ gone: true });
      await until("it is forgotten", () => {
        clock.advance(1_000);
        return observer.members().length === 0;
      });
      expect(observer.freshness("0")).not.toBe("fresh");
    });
  });

  describe("an identity", () => {
    const holderOf = async (): Promise<string | undefined> => {
      const observer = open();
      const own = new AbortController();
      observer.watchMembers(() => undefined, own.signal);
      await until("it watches", () => observer.up);
      own.abort();
      return observer.members()[0]?.holder;
    };
    const twins = (
      ownPodUid?: () => Promise<string | undefined>,
    ): { old: Registry; young: Registry; lost: string[] } => {
      const lost: string[] = [];
      const old = open({
        identity: { ordinal: "0", uid: "old" },
        observer: { onIdentityLost: (holder) => lost.push(holder) },
      });
      const young = open({
        identity: { ordinal: "0", uid: "young" },
        ...(ownPodUid && { ownPodUid }),
      });
      return { old, young, lost };
    };

    test("is left to its holder as long as that renews it", async () => {
      const { old, young, lost } = twins();
      old.register(record());
      clock.advance(0);
      await until("the old one has it", async () => (await holderOf()) === "old");
      young.register(record({ incarnation: "b2" }));
      for (let step = 0; step < 12; step++) {
        clock.advance(11_000);
        expect(await holderOf()).toBe("old");
      }
      expect(lost).toEqual([]);
    });

    test("is taken over at once by the pod that the API names, and its former holder stops for good", async () => {
      const { old, young, lost } = twins(() => Promise.resolve("young"));
      old.register(record());
      clock.advance(0);
      await until("the old one has it", async () => (await holderOf()) === "old");
      young.register(record({ incarnation: "b2" }));
      clock.advance(0);
      await until("the young one has it", async () => (await holderOf()) === "young");
      clock.advance(11_000);
      await until("the old one notices", () => lost.length > 0);
      old.update(record({ reason: "still here" }));
      clock.advance(60_000);
      await young.readLayout();
      expect(await holderOf()).toBe("young");
      expect(lost).toEqual(["young"]);
    });

    test("is taken over once its holder has not renewed it for 40 s", async () => {
      const stopped = new ManualClock();
      const gone = open({ clock: stopped, identity: { ordinal: "0", uid: "old" } });
      gone.register(record());
      stopped.advance(0);
      await until("the old one has it", async () => (await holderOf()) === "old");
      const { young } = twins(() => Promise.reject(new Error("the API does not answer")));
      young.register(record({ incarnation: "b2" }));
      clock.advance(0);
      await until("it has looked", () => young.up);
      clock.advance(30_000);
      expect(await holderOf()).toBe("old");
      await until("the young one has it", async () => {
        clock.advance(5_000);
        return (await holderOf()) === "young";
      });
      expect(clock.now()).toBeGreaterThanOrEqual(40_000);
    });

    test("is not claimed by a pod that the API does not name any more: that one stops", async () => {
      const lost: string[] = [];
      const { old } = twins();
      old.register(record());
      clock.advance(0);
      await until("it is taken", async () => (await holderOf()) === "old");
      const late = open({
        identity: { ordinal: "0", uid: "late" },
        ownPodUid: () => Promise.resolve("old"),
        observer: { onIdentityLost: (holder) => lost.push(holder) },
      });
      late.register(record({ incarnation: "c3" }));
      clock.advance(0);
      await until("it is told", () => lost.length > 0);
      clock.advance(120_000);
      expect(lost).toEqual(["old"]);
      expect(await holderOf()).toBe("old");
    });

    test("keeps the highest epoch that any of its instances has known, and nothing of its views", async () => {
      const { old, young } = twins();
      old.register(record({ floor: 12, leaving: true, deadline: 5 }));
      clock.advance(0);
      await until("the old one has it", async () => (await holderOf()) === "old");
      await old.release();
      const observer = open();
      observer.watchMembers(() => undefined, abort.signal);
      await until("it is released", () => observer.members()[0]?.holder === "");
      expect(observer.members()[0]?.record).toMatchObject({
        floor: 12,
        views: {},
        leaving: false,
        deadline: undefined,
      });
      young.register(record({ incarnation: "b2", floor: 2 }));
      clock.advance(0);
      await until("the young one has it", () => observer.members()[0]?.holder === "young");
      expect(observer.members()[0]?.record).toMatchObject({ incarnation: "b2", floor: 12 });
    });

    test("that was released is taken by a successor without waiting", async () => {
      const { old, young } = twins();
      old.register(record());
      clock.advance(0);
      await until("the old one has it", async () => (await holderOf()) === "old");
      await old.release();
      expect(await holderOf()).toBe("");
      young.register(record({ incarnation: "b2" }));
      clock.advance(0);
      await until("the young one has it", async () => (await holderOf()) === "young");
    });
  });

  test("the registry is up while it is answered, in its mode, and says when that changes", async () => {
    const states: unknown[] = [];
    const errors: unknown[] = [];
    const registry = member("0", {
      observer: {
        onState: (state) => states.push(state),
        onError: (error) => errors.push(error),
      },
    });
    expect(registry.up).toBe(false);
    registry.register(record());
    registry.watchLayout(() => undefined, abort.signal);
    clock.advance(0);
    await until("it is up", () => registry.up);
    await backend.stop();
    await until("it is down", () => {
      clock.advance(1_000);
      return !registry.up;
    });
    await backend.start();
    await until("it is up again", () => {
      clock.advance(1_000);
      return registry.up;
    });
    const { mode } = backend;
    expect(states).toEqual([
      { up: true, mode },
      { up: false, mode },
      { up: true, mode },
    ]);
    expect(errors.length).toBeGreaterThan(0);
  });
}
