import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RedisRegistry } from "../src/redis-registry.ts";
import type { StoredLayout } from "../src/registry.ts";
import { layoutText, record } from "./layouts.ts";
import { ManualClock } from "../../kubernetes/test/manual-clock.ts";
import { startRedisBackend } from "./redis-backend.ts";
import { Gate, hasRedis, RedisServer } from "./redis-server.ts";
import { sharedRegistry } from "./registry.suite.ts";
import { until } from "./until.ts";

describe.skipIf(!hasRedis())("a registry in a Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  sharedRegistry(() => startRedisBackend(server));

  /** A registry behind a gate, and everything that was seen of its layout. */
  const watched = async (
    gate: Gate,
  ): Promise<
    {
      registry: RedisRegistry;
      clock: ManualClock;
      layouts: (StoredLayout | undefined)[];
      lost: unknown[];
    } & AsyncDisposable
  > => {
    const clock = new ManualClock();
    const abort = new AbortController();
    const lost: unknown[] = [];
    const layouts: (StoredLayout | undefined)[] = [];
    const registry = new RedisRegistry({
      address: `redis://127.0.0.1:${gate.port}`,
      name: "a/b",
      identity: { ordinal: "0", uid: "uid-0" },
      clock,
      observer: { onRegressed: (epochs) => lost.push(epochs) },
    });
    registry.watchLayout((layout) => layouts.push(layout), abort.signal);
    await until("it watches", () => layouts.length === 1);
    return {
      registry,
      clock,
      layouts,
      lost,
      [Symbol.asyncDispose]: async () => {
        abort.abort();
        await registry.release();
      },
    };
  };

  test("goes on by itself when the server is killed and started again, and says what was lost with it", async () => {
    const first = await RedisServer.start();
    await using gate = new Gate(first.port);
    await gate.open();
    await using it = await watched(gate);
    it.registry.watchMembers(() => undefined, AbortSignal.abort());
    it.registry.register(record());
    it.clock.advance(0);
    await it.registry.writeLayout(layoutText(4), undefined);
    await until("the layout is seen", () => it.layouts.length === 2);
    await first[Symbol.asyncDispose]();
    await until("it is down", () => {
      it.clock.advance(500);
      return !it.registry.up;
    });
    await using second = await RedisServer.start();
    gate.target = second.port;
    await until("it is up again", () => {
      it.clock.advance(500);
      return it.registry.up && it.layouts.length === 3;
    });
    expect(it.layouts[2]).toBeUndefined();
    expect(it.lost).toEqual([{ stored: 0, known: 4 }]);
    const members = await second.command("HKEYS kube-state-mosaic:{a/b}:members");
    expect(members).toContain("0");
  });

  test("marks the layout of a replica that became master without the last epoch", async () => {
    await using master = await RedisServer.start();
    await using replica = await RedisServer.start([`replicaof 127.0.0.1 ${master.port}`]);
    await using gate = new Gate(master.port);
    await gate.open();
    await using it = await watched(gate);
    await it.registry.writeLayout(layoutText(7), undefined);
    await until("the replica has it", async () =>
      (await replica.command("EXISTS kube-state-mosaic:{a/b}:layout")).startsWith(":1"),
    );
    // From here on nothing is replicated, as with a cut network.
    await replica.command("REPLICAOF NO ONE");
    const version = (await it.registry.readLayout())?.version;
    expect(await it.registry.writeLayout(layoutText(8), version)).toBe("written");
    await until("the new layout is seen", () => it.layouts.at(-1)?.text === layoutText(8));
    await gate.close();
    gate.target = replica.port;
    await gate.open();
    await until("the loss is seen", () => {
      it.clock.advance(500);
      return it.lost.length > 0;
    });
    expect(it.lost).toEqual([{ stored: 7, known: 8 }]);
    expect(it.layouts.at(-1)).toMatchObject({ text: layoutText(7), regressedFrom: 8 });
    // What the planner does then: its own table under a higher epoch, over what is stored.
    const stored = await it.registry.readLayout();
    expect(await it.registry.writeLayout(layoutText(9), stored?.version)).toBe("written");
    expect(await it.registry.readLayout()).toMatchObject({ regressedFrom: undefined });
  });

  test("gets over connections that are cut again and again while they subscribe", async () => {
    await using gate = new Gate(server.port);
    await gate.open();
    await server.command("FLUSHALL");
    await using it = await watched(gate);
    await until("it listens", async () =>
      (await server.command("PUBSUB NUMSUB kube-state-mosaic:{a/b}:changes")).includes(":1"),
    );
    let cuts = 0;
    gate.cutOn = (sent) => {
      const subscribes = /subscribe/i.test(sent.toString());
      cuts += Number(subscribes);
      return subscribes;
    };
    await gate.close();
    await gate.open();
    await until("it has been cut three times", () => cuts >= 3);
    gate.cutOn = () => false;
    await until("it listens again", async () =>
      (await server.command("PUBSUB NUMSUB kube-state-mosaic:{a/b}:changes")).includes(":1"),
    );
    await it.registry.writeLayout(layoutText(1), undefined);
    // Told, not polled: the clock stands still.
    await until("the change is seen", () => it.layouts.at(-1)?.text === layoutText(1));
    expect(it.lost).toEqual([]);
  });

  test("does not write through a replica", async () => {
    await using master = await RedisServer.start();
    await using replica = await RedisServer.start([`replicaof 127.0.0.1 ${master.port}`]);
    const registry = new RedisRegistry({
      address: `redis://127.0.0.1:${replica.port}`,
      name: "a/b",
    });
    await expect(registry.writeLayout(layoutText(1), undefined)).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      message: expect.stringContaining("READONLY"),
    });
    await registry.release();
  });

  test("is found through a Sentinel, with a password", async () => {
    await using master = await RedisServer.start(["requirepass s3cret"]);
    await using sentinel = await RedisServer.start(
      [`sentinel monitor shards 127.0.0.1 ${master.port} 1`, "sentinel auth-pass shards s3cret"],
      true,
    );
    const registry = new RedisRegistry({
      address: `redis-sentinel://:s3cret@127.0.0.1:${sentinel.port}/shards`,
      name: "a/b",
    });
    expect(await registry.writeLayout(layoutText(1), undefined)).toBe("written");
    expect((await registry.readLayout())?.text).toBe(layoutText(1));
    await registry.release();
  });

  test("says that the password is wrong without repeating it", async () => {
    await using guarded = await RedisServer.start(["requirepass s3cret"]);
    const registry = new RedisRegistry({
      address: `redis://:wr0ng@127.0.0.1:${guarded.port}`,
      name: "a/b",
    });
    const error: unknown = await registry.readLayout().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(String(error)).toMatch(/WRONGPASS|NOAUTH/);
    expect(String(error)).not.toContain("wr0ng");
    await registry.release();
  });

  test("leaves no key that outlives its members by more than a week", async () => {
    await using gate = new Gate(server.port);
    await gate.open();
    await server.command("FLUSHALL");
    await using it = await watched(gate);
    await it.registry.writeLayout(layoutText(1), undefined);
    it.registry.register(record());
    it.clock.advance(0);
    await until("both keys expire", async () => {
      const answers = await Promise.all(
        ["layout", "members"].map((key) => server.command(`TTL kube-state-mosaic:{a/b}:${key}`)),
      );
      return answers.every((answer) => Number(answer.slice(1)) > 0);
    });
    const ttl = await server.command("TTL kube-state-mosaic:{a/b}:layout");
    expect(Number(ttl.slice(1))).toBeLessThanOrEqual(7 * 24 * 3_600);
  });
});
