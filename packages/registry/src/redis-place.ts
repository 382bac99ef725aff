import { randomUUID } from "node:crypto";
import type { StoredMember } from "./member-table.ts";
import { parseMember, serialiseMember } from "./member.ts";
import type { PlaceEntry, PlaceNews, PlaceStore } from "./own-place.ts";
import type { RedisConnection } from "./redis.ts";
import type { RedisKeys } from "./redis-keys.ts";

export interface RedisEntry extends PlaceEntry {
  /** As it is stored: the compare-and-swap compares it whole. */
  readonly raw: string;
  /** What `serialiseMember` made. */
  readonly text: string;
}

// A registry whose members have all been gone for so long was uninstalled.
const KEPT_MS = String(7 * 24 * 3_600_000);

const SWAP = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
redis.call('PEXPIRE', KEYS[1], ${KEPT_MS})
redis.call('PEXPIRE', KEYS[2], ${KEPT_MS})
if ARGV[4] ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[1]) end
return 1`;

/** One field of the members' hash. */
export class RedisPlace implements PlaceStore<RedisEntry> {
  readonly #redis: () => Promise<RedisConnection>;
  readonly #keys: RedisKeys;
  readonly #ordinal: string;

  constructor(redis: () => Promise<RedisConnection>, keys: RedisKeys, ordinal: string) {
    this.#redis = redis;
    this.#keys = keys;
    this.#ordinal = ordinal;
  }

  async read(): Promise<RedisEntry | undefined> {
    const redis = await this.#redis();
    return entryOf(await redis.hashField(this.#keys.members, this.#ordinal));
  }

  async write(
    entry: RedisEntry | undefined,
    { holder, record }: PlaceNews,
  ): Promise<RedisEntry | undefined> {
    const text = serialiseMember(record);
    const raw = JSON.stringify({ holder, version: randomUUID(), text });
    // Plain renewals are found by those who look every few seconds.
    const isNews = text !== entry?.text || holder !== entry.holder;
    return (await this.#swap(entry?.raw ?? "", raw, isNews)) ? entryOf(raw) : undefined;
  }

  async remove(entry: RedisEntry): Promise<void> {
    await this.#swap(entry.raw, "", true);
  }

  async #swap(before: string, after: string, isNews: boolean): Promise<boolean> {
    const { members, layout, channel } = this.#keys;
    const redis = await this.#redis();
    const values = [this.#ordinal, before, after, isNews ? channel : ""];
    return redis.swap(SWAP, [members, layout], values);
  }
}

/** Everything in the members' hash that can be read. */
export function membersOf(hash: ReadonlyMap<string, string>): StoredMember[] {
  return [...hash].flatMap(([ordinal, raw]) => {
    const entry = entryOf(raw);
    if (entry?.record === undefined) return [];
    return [{ ordinal, holder: entry.holder, record: entry.record, version: entry.version }];
  });
}

function entryOf(raw: string | undefined): RedisEntry | undefined {
  if (raw === undefined) return undefined;
  const fields = parsed(raw);
  const string = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  const text = string("text");
  const record = parseMember(text);
  return { raw, holder: string("holder"), version: string("version"), text, record };
}

function parsed(raw: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
