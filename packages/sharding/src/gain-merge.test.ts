import fc from "fast-check";
import { expect, test } from "vitest";
import { GainMerge, type GainEvent, type MergeDecision } from "./gain-merge.ts";

/** A store that does what the merge decides; row → version. */
class Rows extends Map<string, string> {
  readonly merge: GainMerge = new GainMerge({
    versionOf: (uid) => this.get(uid),
    uids: () => this.keys(),
  });

  event(type: GainEvent["type"], uid: string, version: number): MergeDecision {
    const event: GainEvent = { type, uid, resourceVersion: String(version) };
    const decision = this.merge.applyEvent(event);
    if (decision === "apply" && type === "DELETED") this.delete(uid);
    if (decision === "apply" && type !== "DELETED") this.set(uid, event.resourceVersion);
    return decision;
  }

  item(uid: string, version: number): MergeDecision {
    const decision = this.merge.listItem({ uid, resourceVersion: String(version) });
    if (decision === "apply") this.set(uid, String(version));
    return decision;
  }

  listCompleted(version: number): string[] {
    const swept = this.merge.listCompleted(String(version));
    for (const uid of swept) this.delete(uid);
    return swept;
  }
}

test("an object deleted before its list item arrives does not come back", () => {
  const rows = new Rows();
  expect(rows.event("DELETED", "a", 12)).toBe("apply");
  expect(rows.item("a", 9)).toBe("drop");
  expect(rows.listCompleted(11)).toEqual([]);
  expect(rows.size).toBe(0);
});

test("an item older than what an event has brought is dropped, a newer one is applied", () => {
  const rows = new Rows();
  rows.event("MODIFIED", "a", 10);
  expect(rows.item("a", 9)).toBe("drop");
  expect(rows.item("a", 10)).toBe("drop");
  expect(rows.item("a", 100)).toBe("apply");
  expect([...rows]).toEqual([["a", "100"]]);
});

test("an object that an event created and the list does not know any more is swept", () => {
  const rows = new Rows();
  rows.event("ADDED", "a", 5);
  expect(rows.listCompleted(8)).toEqual(["a"]);
  expect(rows.event("DELETED", "a", 7)).toBe("drop");
});

test("an object created after the list stays", () => {
  const rows = new Rows();
  rows.event("ADDED", "a", 9);
  expect(rows.listCompleted(8)).toEqual([]);
  expect([...rows.keys()]).toEqual(["a"]);
});

test("after the list, late events that it contains already are dropped, also those of objects deleted before it", () => {
  const rows = new Rows();
  rows.item("a", 7);
  rows.listCompleted(8);
  expect(rows.merge.listVersion).toBe("8");
  expect(rows.event("ADDED", "b", 6)).toBe("drop");
  expect(rows.event("MODIFIED", "a", 7)).toBe("drop");
  expect(rows.event("MODIFIED", "a", 9)).toBe("apply");
  expect(rows.event("ADDED", "b", 10)).toBe("apply");
});

test("what only a broken list has brought is swept by the next one", () => {
  const rows = new Rows();
  rows.item("a", 3);
  rows.merge.listRestarted();
  rows.item("b", 4);
  expect(rows.listCompleted(5)).toEqual(["a"]);
});

test("an event repeated by a watch that was resumed earlier does not revive a deleted object", () => {
  const rows = new Rows();
  rows.event("DELETED", "a", 10);
  expect(rows.event("MODIFIED", "a", 8)).toBe("drop");
  expect(rows.event("ADDED", "b", 9)).toBe("apply");
});

interface Step {
  readonly uid: string;
  readonly alive: boolean;
}

/** The world: object → version at each version, and the events that lead there. */
function historyOf(steps: readonly Step[]): {
  events: GainEvent[];
  at(version: number): Map<string, string>;
} {
  const events: GainEvent[] = [];
  const alive = new Set<string>();
  const dead = new Set<string>();
  steps.forEach(({ uid: name, alive: wanted }, index) => {
    // A UID lives once: its successor is another object.
    const uid = `${name}.${[...dead].filter((other) => other.startsWith(name)).length}`;
    const existed = alive.has(uid);
    if (!existed && !wanted) return;
    const type = wanted ? (existed ? "MODIFIED" : "ADDED") : "DELETED";
    events.push({ type, uid, resourceVersion: String(index + 1) });
    if (wanted) alive.add(uid);
    else {
      alive.delete(uid);
      dead.add(uid);
    }
  });
  const at = (version: number): Map<string, string> => {
    const objects = new Map<string, string>();
    for (const { type, uid, resourceVersion } of events) {
      if (Number(resourceVersion) > version) break;
      if (type === "DELETED") objects.delete(uid);
      else objects.set(uid, resourceVersion);
    }
    return objects;
  };
  return { events, at };
}

const steps = fc.array(
  fc.record({ uid: fc.constantFrom("a", "b", "c", "d"), alive: fc.boolean() }),
  { minLength: 5, maxLength: 40 },
);

/**
 * Runs watch and list side by side: applying begins after version `start`; the list has version `list`; `order` says whether the
 * next thing to arrive is an event (true) or a list item. Returns how often the store differed from the world once the list was
 * complete and the watch had passed it.
 */
function differences(
  history: ReturnType<typeof historyOf>,
  { start, list, order }: { start: number; list: number; order: readonly boolean[] },
): number {
  const rows = new Rows();
  const events = history.events.filter(({ resourceVersion }) => Number(resourceVersion) > start);
  const items = [...history.at(list)];
  let complete = false;
  let reached = start;
  let wrong = 0;
  const choices = [...order, ...events.map(() => true), ...items.map(() => false), false];
  for (const isEvent of choices) {
    const event = isEvent ? events.shift() : undefined;
    if (event !== undefined) {
      rows.event(event.type, event.uid, Number(event.resourceVersion));
      reached = Number(event.resourceVersion);
    } else if (!complete) {
      const item = items.shift();
      if (item === undefined) {
        rows.listCompleted(list);
        complete = true;
      } else rows.item(item[0], Number(item[1]));
    }
    if (!complete) continue;
    const expected = history.at(Math.max(reached, list));
    const same = [...rows].every(([uid, version]) => expected.get(uid) === version);
    if (!same || rows.size !== expected.size) wrong++;
  }
  return wrong;
}

const order = fc.array(fc.boolean(), { maxLength: 80 });
const point = fc.integer({ min: 0, max: 40 });

test("with a list at or after the beginning, whichever of list and watch is ahead, the store equals the world", () => {
  fc.assert(
    fc.property(steps, order, fc.tuple(point, point), (world, choices, [one, other]) => {
      const [start, list] = [Math.min(one, other), Math.max(one, other)];
      expect(differences(historyOf(world), { start, list, order: choices })).toBe(0);
    }),
    { numRuns: 3_000 },
  );
});

test("with a list from before the beginning, as resourceVersion=0 may give, the store goes wrong", () => {
  const wrong = fc
    .sample(fc.tuple(steps, order, point), { numRuns: 300, seed: 1 })
    .filter(
      ([world, choices, start]) =>
        differences(historyOf(world), { start, list: Math.max(0, start - 5), order: choices }) > 0,
    );
  expect(wrong.length).toBeGreaterThan(10);
});
