import { createHash } from "node:crypto";
import { ExporterError } from "@kube-state-mosaic/errors";
import { systemClock, type Clock } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { Announcement } from "./announcement.ts";
import { Connection, type Part } from "./connection.ts";
import { LayoutFence } from "./layout-fence.ts";
import { MemberTable } from "./member-table.ts";
import type { Freshness, Identity, MemberRecord, ObservedMember } from "./member.ts";
import { OwnPlace } from "./own-place.ts";
import { Poll } from "./poll.ts";
import { redisKeys, type RedisKeys } from "./redis-keys.ts";
import { membersOf, RedisPlace } from "./redis-place.ts";
import { openRedis, type RedisConnection } from "./redis.ts";
import type { Registry, RegistryMode, RegistryObserver, StoredLayout } from "./registry.ts";

export interface RedisRegistryOptions {
  /** `redis://`, `rediss://` or `redis-sentinel://`; see `parseRedisAddress`. */
  readonly address: string;
  /** What the members have in common: `<namespace>/<statefulset>`, or any name. */
  readonly name: string;
  /** Undefined for one who only looks on; such a one must not register. */
  readonly identity?: Identity;
  /** The UID of the pod that the API knows under our pod's name; without it an identity is taken over only once it has expired. */
  readonly ownPodUid?: (signal: AbortSignal) => Promise<string | undefined>;
  readonly clock?: Clock;
  /** Values in [0, 1). */
  readonly random?: () => number;
  readonly observer?: RegistryObserver;
  readonly log?: Pick<Logger, "info" | "warn">;
}

const PERIOD_MS = 5_000;

const SWAP_LAYOUT = `
local stored = redis.call('GET', KEYS[1])
if (stored and redis.sha1hex(stored) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', ARGV[3], 'layout')
return 1`;

/**
 * A Redis, for where there is no StatefulSet or several clusters are involved. Changes are published; whoever missed one looks
 * every 5 s. Replication is asynchronous: a fail-over can lose a layout, which is then marked as regressed.
 */
export class RedisRegistry implements Registry {
  readonly #options: RedisRegistryOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #keys: RedisKeys;
  readonly #connection: Connection;
  readonly #fence: LayoutFence;
  readonly #table: MemberTable;
  readonly #announcement: Announcement | undefined;
  readonly #polls = new Set<Poll>();
  #redis: Promise<RedisConnection> | undefined;

  constructor(options: RedisRegistryOptions) {
    const { identity, observer = {}, clock = systemClock, random = Math.random } = options;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#keys = redisKeys(options.name);
    this.#connection = new Connection(clock, "redis", observer);
    this.#fence = new LayoutFence(observer);
    this.#table = new MemberTable(clock, this.#connection);
    if (identity === undefined) return;
    const store = new RedisPlace(() => this.#open(), this.#keys, identity.ordinal);
    this.#announcement = new Announcement({
      place: new OwnPlace({ store, identity, clock, ownPodUid: options.ownPodUid }),
      clock,
      random,
      observer,
      log: options.log,
      onWritten: () => this.#connection.ok("renewal"),
      onFailure: (error) => this.#connection.failed("renewal", error),
    });
  }

  get mode(): RegistryMode {
    return this.#connection.mode;
  }

  get up(): boolean {
    return this.#connection.up;
  }

  async readLayout(): Promise<StoredLayout | undefined> {
    const { known } = this.#fence;
    const text = await (await this.#open()).get(this.#keys.layout);
    return this.#fence.check(text === undefined ? undefined : { text, version: sha1(text) }, known);
  }

  watchLayout(onChange: (layout: StoredLayout | undefined) => void, signal: AbortSignal): void {
    let last: string | undefined;
    this.#watch(
      "layout",
      async () => {
        const layout = await this.readLayout();
        const version = layout?.version ?? "";
        if (version === last || signal.aborted) return;
        last = version;
        onChange(layout);
      },
      signal,
    );
  }

  async writeLayout(
    text: string,
    expectedVersion: string | undefined,
  ): Promise<"written" | "conflict"> {
    const { layout, channel } = this.#keys;
    const redis = await this.#open();
    const values = [expectedVersion ?? "", text, channel];
    if (!(await redis.swap(SWAP_LAYOUT, [layout], values))) {
      this.#options.observer?.onConflict?.();
      return "conflict";
    }
    this.#fence.written({ text, version: sha1(text) });
    return "written";
  }

  register(record: MemberRecord): void {
    this.#own().announce(record);
  }

  update(record: MemberRecord): void {
    this.#own().announce(record);
  }

  async release({ gone = false }: { readonly gone?: boolean } = {}): Promise<void> {
    await this.#announcement?.release(gone);
    this.#connection.ended("renewal");
    const redis = await this.#redis?.catch(() => undefined);
    redis?.close();
  }

  get connectedSince(): number | undefined {
    return this.#connection.since;
  }

  members(): readonly ObservedMember[] {
    return this.#table.members();
  }

  freshness(ordinal: string): Freshness {
    return this.#table.freshness(ordinal);
  }

  watchMembers(onChange: (members: readonly ObservedMember[]) => void, signal: AbortSignal): void {
    this.#watch(
      "members",
      async () => {
        const hash = await (await this.#open()).hash(this.#keys.members);
        if (signal.aborted) return;
        const changed = this.#table.replace(membersOf(hash), this.#connection.unbroken);
        this.#connection.heard();
        if (changed) onChange(this.members());
      },
      signal,
    );
  }

  #watch(part: Part, look: () => Promise<void>, signal: AbortSignal): void {
    const poll = new Poll({
      clock: this.#clock,
      random: this.#random,
      periodMs: PERIOD_MS,
      ask: async () => {
        try {
          await look();
          if (!signal.aborted) this.#connection.ok(part);
        } catch (error) {
          if (!signal.aborted) this.#connection.failed(part, error);
          throw error;
        }
      },
    });
    this.#polls.add(poll);
    void poll.run(signal).finally(() => {
      this.#polls.delete(poll);
      this.#connection.ended(part);
    });
  }

  /** Connects at the first need; an address that cannot be used fails every time. */
  #open(): Promise<RedisConnection> {
    this.#redis ??= openRedis(this.#options.address).then((redis) => {
      redis.listen(this.#keys.channel, () => {
        for (const poll of this.#polls) poll.poke();
      });
      return redis;
    });
    return this.#redis;
  }

  #own(): Announcement {
    if (this.#announcement === undefined)
      throw new ExporterError(
        "REGISTRY_NO_IDENTITY",
        "a registry without an identity only looks on",
      );
    return this.#announcement;
  }
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
