import { slotCount } from "@kube-state-mosaic/sharding";
import type { Random } from "./random.ts";

/** One object, of one UID. Its content is its version. */
export interface Thing {
  readonly uid: string;
  readonly name: string;
  readonly slot: number;
  /** By rising version: birth and changes. */
  readonly versions: number[];
  diedAt: number;
}

export interface Change {
  readonly thing: Thing;
  readonly version: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** When it happened, in milliseconds. */
  readonly time: number;
}

/** One resource of the API server: its objects, and what happened to them in the order of versions. */
export class Resource {
  readonly name: string;
  readonly log: Change[] = [];
  readonly things: Thing[] = [];
  readonly #alive = new Map<string, Thing>();
  #born = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** The newest version. */
  get version(): number {
    return this.log.length;
  }

  get alive(): IterableIterator<Thing> {
    return this.#alive.values();
  }

  /** Something happens to an object: it is born, changes, dies, or dies and comes back under its name as another one. */
  churn(random: Random, names: number, time: number): void {
    const name = String(random.whole(0, names - 1));
    const thing = this.#alive.get(name);
    if (thing === undefined) this.#create(name, random, time);
    else if (random.chance(0.6)) this.#record(thing, "MODIFIED", time);
    else {
      this.#record(thing, "DELETED", time);
      if (random.chance(0.5)) this.#create(name, random, time);
    }
  }

  #create(name: string, random: Random, time: number): void {
    const uid = `${this.name}-${name}-${this.#born++}`;
    const slot = random.whole(0, slotCount - 1);
    const thing: Thing = { uid, name, slot, versions: [], diedAt: Infinity };
    this.things.push(thing);
    this.#record(thing, "ADDED", time);
  }

  #record(thing: Thing, type: Change["type"], time: number): void {
    const version = this.log.length + 1;
    this.log.push({ thing, version, type, time });
    if (type === "DELETED") {
      thing.diedAt = version;
      this.#alive.delete(thing.name);
    } else {
      thing.versions.push(version);
      this.#alive.set(thing.name, thing);
    }
  }
}

/** The version of an object in the world of `version`; 0 if it is not alive there. */
export function versionAt(thing: Thing, version: number): number {
  if (thing.diedAt <= version) return 0;
  return thing.versions.findLast((candidate) => candidate <= version) ?? 0;
}
