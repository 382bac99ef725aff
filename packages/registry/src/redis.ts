import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { Redis, RedisOptions } from "ioredis";
import { parseRedisAddress } from "./redis-address.ts";

/** The few things that are asked of a Redis. All reject with `REGISTRY_UNREACHABLE` when it does not answer within 5 s, or refuses. */
export interface RedisConnection {
  get(key: string): Promise<string | undefined>;
  hashField(key: string, field: string): Promise<string | undefined>;
  hash(key: string): Promise<ReadonlyMap<string, string>>;
  /** Runs a Lua script, which nothing else can come between; answers whether it gave 1. */
  swap(script: string, keys: readonly string[], values: readonly string[]): Promise<boolean>;
  /** Calls for each message, and whenever some may have been missed: after each connect. */
  listen(channel: string, onMessage: () => void): void;
  close(): void;
}

const ANSWER_MS = 5_000;
const CONNECT_MS = 5_000;

/**
 * Connects in the background, and again for ever. Commands never wait for a connection, and none is sent twice: whoever asked
 * knows better whether a compare-and-swap may be repeated. Throws `REDIS_ADDRESS`.
 */
export async function openRedis(address: string): Promise<RedisConnection> {
  const options = optionsOf(address);
  // The only value import: who coordinates by Leases does not pay for it.
  const { Redis } = await import("ioredis");
  const commands = new IoRedis(new Redis(options));
  await commands.tried();
  // A connection that listens cannot ask.
  return commands.withListener(() => new Redis(options));
}

/** Answers come as plain objects and arrays. */
type Settings = RedisOptions & { readonly replyMapping: "legacy" };

function optionsOf(text: string): Settings {
  const address = parseRedisAddress(text);
  const common: Settings = {
    replyMapping: "legacy",
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    commandTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    // The library does not catch what becomes of its own subscriptions: one that fails would end the process.
    autoResubscribe: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), 2_000),
    // A master that became a replica: another one is master now.
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  };
  if (address.kind === "direct") {
    const { protocol, hostname, port, username, password, pathname } = new URL(address.url);
    return {
      ...common,
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port || 6379),
      ...(username !== "" && { username: decodeURIComponent(username) }),
      ...(password !== "" && { password: decodeURIComponent(password) }),
      db: Number(pathname.slice(1) || 0),
      ...(protocol === "rediss:" && { tls: {} }),
    };
  }
  return {
    ...common,
    sentinels: [...address.sentinels],
    name: address.master,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    db: address.database,
    failoverDetector: true,
    sentinelRetryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), 2_000),
  };
}

class IoRedis implements RedisConnection {
  readonly #redis: Redis;
  #openListener: (() => Redis) | undefined;
  readonly #listeners = new Set<Redis>();
  /** Of the connection; commands only tell that there is none. */
  #error: unknown;

  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("error", (error: unknown) => (this.#error = error));
    redis.on("ready", () => (this.#error = undefined));
  }

  withListener(open: () => Redis): this {
    this.#openListener = open;
    return this;
  }

  /** Resolves when the first attempt to connect has ended, either way. */
  async tried(): Promise<void> {
    await this.#redis.connect().catch((error: unknown) => (this.#error ??= error));
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#answer(this.#redis.get(key))) ?? undefined;
  }

  async hashField(key: string, field: string): Promise<string | undefined> {
    return (await this.#answer(this.#redis.hget(key, field))) ?? undefined;
  }

  async hash(key: string): Promise<ReadonlyMap<string, string>> {
    return new Map(Object.entries(await this.#answer(this.#redis.hgetall(key))));
  }

  async swap(script: string, keys: readonly string[], values: readonly string[]): Promise<boolean> {
    return (await this.#answer(this.#redis.eval(script, keys.length, ...keys, ...values))) === 1;
  }

  listen(channel: string, onMessage: () => void): void {
    const listener = this.#openListener?.();
    if (listener === undefined) return;
    this.#listeners.add(listener);
    listener.on("error", () => undefined);
    listener.on("message", onMessage);
    // Subscribed anew here rather than by the library, so that what was missed meanwhile is looked for afterwards.
    listener.on("ready", () => void listener.subscribe(channel).then(onMessage, () => undefined));
    listener.connect().catch(() => undefined);
  }

  close(): void {
    for (const redis of [this.#redis, ...this.#listeners]) redis.disconnect();
  }

  async #answer<T>(reply: Promise<T>): Promise<T> {
    try {
      return await reply;
    } catch (cause) {
      throw new ExporterError(
        "REGISTRY_UNREACHABLE",
        `the Redis registry gave no answer: ${messageOf(this.#error ?? cause)}`,
        { cause },
      );
    }
  }
}
