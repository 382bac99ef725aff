import {
  compareStates,
  decideEpoch,
  epochsToAsk,
  type Layout,
  type LayoutState,
  type ShardProgress,
  type ShownVersions,
} from "@kube-state-mosaic/sharding";
import type { Thing } from "./cluster.ts";
import type { Observer, StoredLayout } from "./registry.ts";
import type { StoredRow } from "./shard-store.ts";
import type { Manifest, Worker, World } from "./worker.ts";

/** What a scrape of the coordinator gets. */
export interface Answer {
  readonly epoch: number;
  readonly rows: ReadonlyMap<string, StoredRow>;
  /** Ordinals whose blocks are old. */
  readonly stale: readonly string[];
  readonly unproven: boolean;
  /** The manifests that it is made of. */
  readonly parts: ReadonlyMap<string, Manifest>;
}

const staleLimit = 300_000;

/** One replica of the coordinator: scrapes every few seconds and compares each answer with the one before. */
export class Coordinator implements Observer {
  readonly followsLeases = false;
  cut = false;
  stopped = false;
  /** Ordinals that it cannot reach. */
  readonly unreachable: Set<string> = new Set();
  answer: Answer | undefined;
  answers = 0;
  refused = 0;
  flagged = 0;
  readonly #world: World;
  readonly #name: string;
  readonly #layouts = new Map<number, Layout>();
  readonly #latest = new Map<string, Manifest>();
  readonly #byEpoch = new Map<string, Map<number, Manifest>>();
  /** What the last answer was made of. */
  #answered = new Map<string, Manifest>();
  /** Objects that were found dead by a namesake. Once dead they stay so, whatever a shard that is behind still shows. */
  readonly #dead = new Set<Thing>();
  readonly #everShown = new Set<Thing>();
  #state: LayoutState | undefined;
  #serving: Layout | undefined;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    world.registry.watch(this);
    world.timeline.every(
      () => world.random.between(4_500, 5_500),
      () => this.stopped,
      () => this.#scrape(),
    );
  }

  gone(): boolean {
    return this.stopped;
  }

  onConnected(): void {}

  onLease(): void {}

  onLeasesListed(): void {}

  onLayout({ state }: StoredLayout): void {
    if (state !== undefined) this.#adopt(state);
  }

  #adopt(state: LayoutState): void {
    if (this.#state !== undefined && compareStates(state, this.#state) <= 0) return;
    this.#state = state;
    const known = this.#layouts.get(state.active.epoch)?.digest ?? state.active.digest;
    if (known !== state.active.digest)
      this.#world.checks.fail(1, `${this.#name} finds another layout of an epoch`);
    this.#layouts.set(state.active.epoch, state.active);
  }

  #scrape(): void {
    const { timeline, random, checks } = this.#world;
    const state = this.#state;
    if (state === undefined) return this.#findState();
    const start = timeline.now;
    const epochs = epochsToAsk(this.#serving, state);
    const ordinals = new Set(
      epochs.flatMap((epoch) => [...(this.#layouts.get(epoch)?.members ?? [])]),
    );
    for (const worker of checks.living) {
      if (!ordinals.has(worker.ordinal)) continue;
      timeline.after(random.between(5, 900), () => this.#fetch(worker, epochs));
    }
    timeline.after(1_000, () => this.stopped || this.#answer(state, start));
  }

  /** Without a registry, any worker's answer tells the layout. */
  #findState(): void {
    for (const worker of this.#world.checks.living)
      if (!this.unreachable.has(worker.ordinal) && worker.layouts.state !== undefined)
        this.#adopt(worker.layouts.state);
  }

  #fetch(worker: Worker, epochs: readonly number[]): void {
    const { ordinal } = worker;
    if (worker.exited || this.stopped || this.unreachable.has(ordinal)) return;
    const manifest = worker.answer(epochs);
    this.#latest.set(ordinal, manifest);
    const byEpoch = this.#byEpoch.get(ordinal) ?? new Map<number, Manifest>();
    this.#byEpoch.set(ordinal, byEpoch);
    for (const epoch of manifest.views.keys()) byEpoch.set(epoch, manifest);
    if (manifest.state !== undefined) this.#adopt(manifest.state);
  }

  #answer(state: LayoutState, start: number): void {
    const { timeline, log } = this.#world;
    // A broken coordinator does not compare what it has shown with what the gainers have.
    const serving = this.#world.variant === "switch-at-commit" ? undefined : this.#serving;
    const decision = decideEpoch({
      serving,
      state,
      answered: this.#shownVersions(),
      shards: this.#shards(),
      wall: timeline.now,
    });
    const answer = this.#compose(decision.epoch, decision.unproven, start);
    // A broken coordinator takes what it has decided for what it has shown.
    if (this.#world.variant === "served-when-decided")
      this.#serving = this.#layouts.get(decision.epoch) ?? this.#serving;
    if (answer === undefined) {
      this.refused++;
      log(`${this.#name} answers 503 in epoch ${decision.epoch}`);
      return;
    }
    if (answer.epoch !== this.#serving?.epoch) {
      log(`${this.#name} serves epoch ${answer.epoch}${answer.unproven ? ", unproven" : ""}`);
    }
    this.#check(answer);
    this.#serving = this.#layouts.get(answer.epoch);
    this.#answered = new Map(answer.parts);
    this.answer = answer;
    this.answers++;
    if (answer.stale.length > 0 || answer.unproven) this.flagged++;
  }

  #shownVersions(): Map<string, ReadonlyMap<string, ShownVersions>> {
    return new Map(
      [...this.#answered].map(([ordinal, part]) => [ordinal, part.reflectors] as const),
    );
  }

  #shards(): Map<string, ShardProgress> {
    const shards = new Map<string, ShardProgress>();
    for (const [ordinal, { views, reflectors }] of this.#latest) {
      const covered = new Map([...reflectors].map(([name, one]) => [name, one.covered] as const));
      shards.set(ordinal, { epochs: [...views.keys()], covered });
    }
    return shards;
  }

  #compose(epoch: number, unproven: boolean, start: number): Answer | undefined {
    const layout = this.#layouts.get(epoch);
    if (layout === undefined) return undefined;
    const rows = new Map<string, StoredRow>();
    const names = new Map<string, StoredRow>();
    const stale: string[] = [];
    const parts = new Map<string, Manifest>();
    for (const ordinal of layout.members) {
      const part = this.#part(ordinal, layout);
      if (part === undefined) return undefined;
      const { time } = part.manifest;
      if (time < this.#world.timeline.now - staleLimit) return undefined;
      parts.set(ordinal, part.manifest);
      if (time < start) stale.push(ordinal);
      for (const row of part.rows) this.#add(row, { rows, names, layout, ordinal });
    }
    return { epoch, rows, stale, unproven, parts };
  }

  /** The newest rows of a shard for an epoch; without any, those of the epoch before whose slots stay. */
  #part(
    ordinal: string,
    layout: Layout,
  ): { manifest: Manifest; rows: readonly StoredRow[] } | undefined {
    const byEpoch = this.#byEpoch.get(ordinal);
    const exact = byEpoch?.get(layout.epoch);
    if (exact !== undefined) return { manifest: exact, rows: exact.views.get(layout.epoch) ?? [] };
    const before = this.#serving;
    const old = byEpoch?.get(before?.epoch ?? 0);
    if (before === undefined || old === undefined) return undefined;
    const keeps = layout.slots.every(
      (owner, slot) =>
        layout.members[owner] !== ordinal || before.members[before.slots[slot] ?? 0] === ordinal,
    );
    if (!keeps) return undefined;
    const stays = ({ thing }: StoredRow): boolean =>
      layout.members[layout.slots[thing.slot] ?? 0] === ordinal;
    return { manifest: old, rows: (old.views.get(before.epoch) ?? []).filter(stays) };
  }

  /** Of two objects of one name, the one whose version is lower is dead: the other was born after its death. */
  #add(
    row: StoredRow,
    into: {
      rows: Map<string, StoredRow>;
      names: Map<string, StoredRow>;
      layout: Layout;
      ordinal: string;
    },
  ): void {
    const { rows, names, layout, ordinal } = into;
    const { uid, name, slot } = row.thing;
    if (layout.members[layout.slots[slot] ?? 0] !== ordinal)
      this.#world.checks.fail(2, `${uid} comes from shard ${ordinal}, which does not own its slot`);
    if (rows.has(uid)) this.#world.checks.fail(2, `${uid} comes from two shards`);
    if (this.#dead.has(row.thing) && this.#world.variant !== "namesakes-forgotten") return;
    const key = `${uid.slice(0, uid.indexOf("-"))} ${name}`;
    const namesake = names.get(key);
    if (namesake !== undefined) {
      const isOlder = row.version < namesake.version;
      this.#dead.add(isOlder ? row.thing : namesake.thing);
      if (isOlder) return;
      rows.delete(namesake.thing.uid);
    }
    names.set(key, row);
    rows.set(uid, row);
  }

  #check(answer: Answer): void {
    const { checks } = this.#world;
    checks.epochSeen(this, answer.epoch);
    const before = this.answer;
    const promised = before !== undefined && !answer.unproven;
    for (const [uid, { version }] of promised ? before.rows : []) {
      const row = answer.rows.get(uid);
      const { thing } = before?.rows.get(uid) ?? {};
      if (row === undefined && thing?.diedAt === Infinity)
        checks.fail(3, `${this.#name}: ${uid} disappears, and is alive`);
      if (row !== undefined && row.version < version)
        checks.fail(3, `${this.#name}: ${uid} goes back from ${version} to ${row.version}`);
    }
    // What was not proven may hide objects for a while.
    if (answer.unproven) this.#everShown.clear();
    for (const [uid, { thing }] of answer.rows) {
      if (promised && this.#everShown.has(thing) && before?.rows.has(uid) === false)
        checks.fail(3, `${this.#name}: ${uid} comes back`);
      this.#everShown.add(thing);
    }
  }
}
