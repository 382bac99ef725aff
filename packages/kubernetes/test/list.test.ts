import { describe, expect, test } from "vitest";
import { json, protobuf } from "./bodies.ts";
import { Play } from "./play.ts";
import { until } from "./until.ts";

const listOnly = { streamingList: false } as const;

describe.each([
  ["JSON", json],
  ["protobuf", protobuf],
])("paged lists as %s", (_name, bodies) => {
  const headers = { "content-type": bodies.listType };

  test("a list without a version and with limit 500 is consistent, and the watch begins at its version", async () => {
    await using play = await Play.start(listOnly);
    const list = await play.server.next();
    expect(list.path).toBe("/api/v1/pods");
    expect(list.query).toEqual({ limit: "500" });
    expect(list.headers["accept"]).toBe("application/vnd.kubernetes.protobuf,application/json");
    list.reply(200, bodies.list({ resourceVersion: "10" }, [{ name: "a", rv: 3 }]), headers);
    const watch = await play.server.next();
    expect(watch.query).toEqual({
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: "10",
      timeoutSeconds: "300",
    });
    expect(play.sink.calls).toEqual(["listStarted", "list a@3", "listCompleted 10"]);
    expect(play.reflector.state).toMatchObject({
      phase: "synced",
      synced: true,
      resourceVersion: "10",
    });
    expect(play.told).toEqual(["list success 1"]);
  });

  test("pages are followed until there is no token, also past an empty page, without repeating the version", async () => {
    await using play = await Play.start({ ...listOnly, query: { labelSelector: "a=b" } });
    const first = await play.server.next();
    const page = bodies.list({ resourceVersion: "10", continue: "t1" }, [{ name: "a", rv: 3 }]);
    first.reply(200, page, headers);
    const second = await play.server.next();
    expect(second.query).toEqual({ labelSelector: "a=b", limit: "500", continue: "t1" });
    second.reply(200, bodies.list({ resourceVersion: "10", continue: "t2" }, []), headers);
    const third = await play.server.next();
    expect(third.query["continue"]).toBe("t2");
    expect(play.reflector.state.synced).toBe(false);
    third.reply(200, bodies.list({ resourceVersion: "10" }, [{ name: "b", rv: 4 }]), headers);
    await play.synced();
    expect(play.sink.objects).toEqual(["a@3", "b@4"]);
  });

  test("should pages differ in version, the watch begins at the oldest, which misses nothing", async () => {
    await using play = await Play.start(listOnly);
    const first = await play.server.next();
    first.reply(200, bodies.list({ resourceVersion: "10", continue: "t" }, []), headers);
    const second = await play.server.next();
    second.reply(200, bodies.list({ resourceVersion: "15" }, []), headers);
    expect((await play.server.next()).query["resourceVersion"]).toBe("10");
  });

  test("an expired page starts the list over once, and then asks for it in one piece", async () => {
    await using play = await Play.start(listOnly);
    const page = bodies.list({ resourceVersion: "10", continue: "t" }, [{ name: "a", rv: 3 }]);
    const expired = bodies.status(410, "Expired", { metadata: { continue: "inconsistent" } });
    for (const _round of [1, 2]) {
      (await play.server.next()).reply(200, page, headers);
      (await play.server.next()).reply(410, expired, headers);
    }
    const whole = await play.server.next();
    expect(whole.query).toEqual({});
    whole.reply(200, bodies.list({ resourceVersion: "12" }, [{ name: "b", rv: 11 }]), headers);
    await play.synced();
    expect(play.sink.objects).toEqual(["b@11"]);
    expect(play.sink.calls.filter((call) => call === "listFailed")).toHaveLength(2);
  });

  test("a truncated list removes nothing and is tried again after a delay", async () => {
    await using play = await Play.start(listOnly);
    (await play.server.next()).reply(
      200,
      bodies.list({ resourceVersion: "10" }, [
        { name: "a", rv: 3 },
        { name: "b", rv: 4 },
      ]),
      headers,
    );
    const watch = await play.server.next();
    watch.open(bodies.watchType);
    watch.write(bodies.error(410, "Expired"));
    const relist = await play.server.next();
    const body = bodies.list({ resourceVersion: "20" }, [
      { name: "a", rv: 3 },
      { name: "c", rv: 15 },
    ]);
    relist.open(bodies.listType);
    relist.write(body.subarray(0, body.length - 30));
    relist.end();
    await until(() => play.sink.calls.at(-1) === "listFailed", "the list to fail");
    expect(play.sink.objects).toEqual(expect.arrayContaining(["a@3", "b@4"]));
    await play.backoff(800);
    (await play.server.next()).reply(200, body, headers);
    await play.holds("a@3", "c@15");
  });

  test("the list after an expired watch asks for at least the resume point, and for anything when that is too new", async () => {
    await using play = await Play.start(listOnly);
    (await play.server.next()).reply(200, bodies.list({ resourceVersion: "10" }, []), headers);
    (await play.server.next()).reply(410, bodies.status(410, "Expired"), headers);
    const relist = await play.server.next();
    expect(relist.query).toEqual({
      limit: "500",
      resourceVersion: "10",
      resourceVersionMatch: "NotOlderThan",
    });
    const causes = { details: { causes: [{ reason: "ResourceVersionTooLarge" }] } };
    relist.reply(504, bodies.status(504, "Timeout", causes), headers);
    const again = await play.server.next();
    expect(again.query).toEqual({ limit: "500" });
    again.reply(200, bodies.list({ resourceVersion: "2" }, []), headers);
    const watch = await play.server.next();
    expect(watch.query["resourceVersion"]).toBe("2");
    expect(play.sink.calls.at(-2)).toBe("listStarted anew");
    expect(play.told).toContain("relist expired");
    expect(play.reflector.state.relists).toBe(1);
  });

  test("an object that cannot be decoded keeps its old state, and the list still completes", async () => {
    await using play = await Play.start(listOnly);
    play.sink.undecodable.add("bad");
    const pods = [
      { name: "bad", rv: 3 },
      { name: "good", rv: 4 },
    ];
    (await play.server.next()).reply(200, bodies.list({ resourceVersion: "10" }, pods), headers);
    await play.synced();
    expect(play.sink.objects).toEqual(["good@4"]);
    expect(play.told).toContain("decode error");
    expect(play.reflector.state.decodeErrors).toBe(1);
  });
});

describe("lists", () => {
  test("a custom resource's list may have its items before its metadata, or none at all", async () => {
    await using play = await Play.start({ ...listOnly, protobuf: false });
    const list = await play.server.next();
    expect(list.headers["accept"]).toBe("application/json");
    const metadata = { resourceVersion: "10" };
    list.json({ apiVersion: "e/v1", items: [item("a", 3)], kind: "AList", metadata });
    const watch = await play.server.next();
    watch.reply(410, json.status(410, "Expired"));
    (await play.server.next()).json({
      apiVersion: "e/v1",
      items: null,
      kind: "AList",
      metadata: { resourceVersion: "20" },
    });
    await play.holds();
    expect(play.sink.calls).toContain("list a@3");
  });

  test("every list is answered from any state only where the user asks for it", async () => {
    await using play = await Play.start({ ...listOnly, useApiserverCache: true });
    const list = await play.server.next();
    expect(list.query).toEqual({ limit: "500", resourceVersion: "0" });
  });

  test("an object limit turns the streaming list off and takes the first objects of one page", async () => {
    await using play = await Play.start({ objectLimit: 2 });
    const list = await play.server.next();
    expect(list.query).toEqual({ limit: "2" });
    list.json({
      kind: "PodList",
      metadata: { resourceVersion: "10", continue: "more" },
      items: [item("a", 1), item("b", 2), item("c", 3)],
    });
    const watch = await play.server.next();
    expect(watch.query["resourceVersion"]).toBe("10");
    expect(play.sink.objects).toEqual(["a@1", "b@2"]);
    expect(play.told).toEqual(["list success 2"]);
  });

  test("a list without a version is an error: a watch could begin nowhere", async () => {
    await using play = await Play.start(listOnly);
    (await play.server.next()).json({ kind: "PodList", metadata: {}, items: [] });
    await play.backoff(800);
    expect(play.told).toEqual(["list error 0", "frame error"]);
  });

  test("after a 406 the resource is read as JSON only from then on", async () => {
    await using play = await Play.start(listOnly);
    (await play.server.next()).reply(406, json.status(406, "NotAcceptable"));
    const list = await play.server.next();
    expect(list.headers["accept"]).toBe("application/json");
    list.json({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
    const watch = await play.server.next();
    expect(watch.headers["accept"]).toBe("application/json");
  });

  test("403 is visible, said once, and retried with growing delays", async () => {
    await using play = await Play.start(listOnly);
    for (const delay of [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]) {
      (await play.server.next()).reply(403, json.status(403, "Forbidden"));
      await until(() => play.reflector.state.phase === "backoff");
      expect(play.reflector.state).toMatchObject({ synced: false, httpStatus: 403 });
      expect(play.reflector.state.lastError).toContain("403");
      await play.backoff(delay);
    }
    expect(play.logged).toHaveLength(1);
  });

  test("Retry-After is waited for where it is longer than the backoff, at most five minutes of it", async () => {
    await using play = await Play.start(listOnly);
    const text = { "content-type": "text/plain", "retry-after": "7" };
    (await play.server.next()).reply(429, "Too many requests", text);
    await play.backoff(7_000);
    (await play.server.next()).reply(503, "<html>", { ...text, "retry-after": "100000" });
    await play.backoff(300_000);
    (await play.server.next()).reply(429, "Too many requests", { "retry-after": "Tue, 24 Nov" });
    await play.backoff(3_200);
    expect((await play.server.next()).query["limit"]).toBe("500");
  });

  test("at most so many lists as there are slots run at a time", async () => {
    const { ListSlots } = await import("../src/list-slots.ts");
    const lists = new ListSlots(1);
    const release = await lists.acquire(AbortSignal.abort()).then((none) => {
      expect(none).toBeUndefined();
      return lists.acquire(new AbortController().signal);
    });
    await using play = await Play.start({ ...listOnly, lists });
    await until(() => play.reflector.state.phase === "waiting");
    expect(play.server.seen).toHaveLength(0);
    release?.();
    await play.server.next();
    expect(play.reflector.state.phase).toBe("listing");
  });

  test("a probe tells version and size of the whole collection and brings metadata only", async () => {
    const query = { shardSelector: "s" };
    await using play = await Play.start({ ...listOnly, protobuf: false, query });
    await play.server.next();
    const probe = play.reflector.probe(new AbortController().signal);
    const request = await play.server.next();
    expect(request.query).toEqual({ limit: "1" });
    expect(request.headers["accept"]).toContain("as=PartialObjectMetadataList");
    const metadata = { resourceVersion: "10", continue: "t", remainingItemCount: 41 };
    request.json({ kind: "PartialObjectMetadataList", metadata, items: [item("a", 1)] });
    expect(await probe).toEqual({ resourceVersion: "10", count: 42 });
  });

  test("a probe of a server that does not count says so, unless there is no more", async () => {
    await using play = await Play.start(listOnly);
    await play.server.next();
    for (const [token, count] of [
      ["t", undefined],
      ["", 1],
    ] as const) {
      const probe = play.reflector.probe(new AbortController().signal);
      const metadata = { resourceVersion: "10", continue: token };
      (await play.server.next()).json({
        kind: "PartialObjectMetadataList",
        metadata,
        items: [item("a", 1)],
      });
      expect(await probe).toEqual({ resourceVersion: "10", count });
    }
  });

  test("a shard selector is repeated on every page, its echo told, and after a refusal it is not sent", async () => {
    const told: (string | undefined)[] = [];
    await using play = await Play.start({
      ...listOnly,
      query: { shardSelector: "range" },
      observer: {
        onShardSelector: (applied) => told.push(applied),
        onShardSelectorRefused: () => told.push("refused"),
      },
    });
    const first = await play.server.next();
    expect(first.query).toEqual({ limit: "500", shardSelector: "range" });
    first.reply(200, json.list({ resourceVersion: "10", continue: "t" }, []), {
      "content-type": "application/json",
    });
    const second = await play.server.next();
    expect(second.query).toEqual({ limit: "500", shardSelector: "range", continue: "t" });
    const shardInfo = { selector: "range" };
    second.json({ kind: "PodList", metadata: { resourceVersion: "10", shardInfo }, items: [] });
    const watch = await play.server.next();
    expect(watch.query["shardSelector"]).toBe("range");
    const message = 'invalid shard selector: "range"';
    watch.reply(500, json.status(500, "InternalError", { message }));
    await play.backoff(800);
    expect((await play.server.next()).query["shardSelector"]).toBeUndefined();
    expect(told).toEqual([undefined, "range", "refused"]);
  });

  test("a consistent list can be read into another sink while the watch goes on", async () => {
    await using play = await Play.start(listOnly);
    (await play.server.next()).json({
      kind: "PodList",
      metadata: { resourceVersion: "10" },
      items: [item("a", 1)],
    });
    const watch = await play.server.next();
    watch.open(json.watchType);
    const { RecordingSink } = await import("./recording-sink.ts");
    const other = new RecordingSink();
    const version = play.reflector.listInto(other, new AbortController().signal);
    const list = await play.server.next();
    expect(list.query).toEqual({ limit: "500" });
    list.json({
      kind: "PodList",
      metadata: { resourceVersion: "20" },
      items: [item("b", 15)],
    });
    expect(await version).toBe("20");
    expect(other.calls).toEqual(["listStarted", "list b@15", "listCompleted 20"]);
    watch.write(json.event("ADDED", { name: "c", rv: 21 }));
    await play.holds("a@1", "c@21");
  });
});

function item(name: string, rv: number): object {
  return { metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: `${rv}` } };
}
