import { describe, expect, test } from "vitest";
import { ListSlots } from "../src/list-slots.ts";
import { json, protobuf } from "./bodies.ts";
import { Play } from "./play.ts";
import { until } from "./until.ts";

const emptyList = { kind: "PodList", metadata: { resourceVersion: "30" }, items: [] };

describe.each([
  ["JSON", json],
  ["protobuf", protobuf],
])("streaming lists as %s", (_name, bodies) => {
  test("objects, changes among them, the marking bookmark and the watch come on one connection", async () => {
    await using play = await Play.start();
    const stream = await play.server.next();
    expect(stream.query).toEqual({
      watch: "true",
      sendInitialEvents: "true",
      resourceVersionMatch: "NotOlderThan",
      allowWatchBookmarks: "true",
      timeoutSeconds: "300",
    });
    stream.open(bodies.watchType);
    stream.write(
      bodies.event("ADDED", { name: "a", rv: 7 }),
      bodies.event("ADDED", { name: "b", rv: 3 }),
      bodies.event("MODIFIED", { name: "b", rv: 8 }),
      bodies.event("DELETED", { name: "a", rv: 9 }),
      bodies.bookmark(5),
    );
    await until(() => play.sink.calls.includes("delete a"));
    expect(play.reflector.state).toMatchObject({ synced: false, resourceVersion: undefined });
    stream.write(bodies.bookmark(10, true), bodies.event("ADDED", { name: "c", rv: 11 }));
    await play.holds("b@8", "c@11");
    expect(play.sink.calls).toEqual([
      "listStarted",
      "list a@7",
      "list b@3",
      "list b@8",
      "delete a",
      "listCompleted 10",
      "watch c@11",
    ]);
    expect(play.reflector.state).toMatchObject({ synced: true, resourceVersion: "11" });
    expect(play.told).toEqual(["watch success"]);
    stream.end();
    const watch = await play.server.next();
    expect(watch.query["resourceVersion"]).toBe("11");
    expect(watch.query["sendInitialEvents"]).toBeUndefined();
  });

  test.each([
    ["resourceVersionMatch", "servers up to 1.26"],
    ["sendInitialEvents", "servers with the gate off"],
  ])(
    "a 422 about %s (%s) leads to a paged list at once and is remembered for 10 minutes",
    async (field) => {
      await using play = await Play.start();
      const refused = bodies.status(422, "Invalid", { details: { causes: [{ field }] } });
      (await play.server.next()).reply(422, refused);
      const list = await play.server.next();
      expect(list.query).toEqual({ limit: "500" });
      list.json(emptyList);
      (await play.server.next()).reply(410, bodies.status(410, "Expired"));
      const second = await play.server.next();
      expect(second.query["limit"]).toBe("500");
      second.json(emptyList);
      const watch = await play.server.next();
      watch.open(bodies.watchType);
      watch.write(bodies.bookmark(31));
      await until(() => play.reflector.state.resourceVersion === "31");
      play.clock.advance(320_000);
      watch.end();
      const third = await play.server.next();
      third.open(bodies.watchType);
      third.write(bodies.bookmark(32));
      await until(() => play.reflector.state.resourceVersion === "32");
      play.clock.advance(320_000);
      third.write(bodies.error(410, "Expired"));
      expect((await play.server.next()).query).toMatchObject({
        sendInitialEvents: "true",
        resourceVersion: "32",
      });
    },
  );

  test("an ERROR 500 leads to a paged list at once", async () => {
    await using play = await Play.start();
    const stream = await play.server.next();
    stream.open(bodies.watchType);
    stream.write(bodies.event("ADDED", { name: "a", rv: 7 }), bodies.error(500, "InternalError"));
    expect((await play.server.next()).query).toEqual({ limit: "500" });
    expect(play.sink.calls).toEqual(["listStarted", "list a@7", "listFailed", "listStarted"]);
  });

  test("a stream that ends before the marking bookmark is tried again after a delay, then read as pages", async () => {
    await using play = await Play.start();
    for (const last of [false, true]) {
      const stream = await play.server.next();
      expect(stream.query["sendInitialEvents"]).toBe("true");
      stream.open(bodies.watchType);
      stream.write(bodies.event("ADDED", { name: "a", rv: 7 }));
      await until(() => play.sink.objects.length === 1);
      stream.end();
      if (!last) await play.backoff(800);
    }
    const list = await play.server.next();
    expect(list.query).toEqual({ limit: "500" });
    expect(play.sink.objects).toEqual(["a@7"]);
    list.json(emptyList);
    await play.holds();
  });

  test("without an event for 30 s and without the marking bookmark it is cut and read as pages", async () => {
    await using play = await Play.start();
    const stream = await play.server.next();
    stream.open(bodies.watchType);
    stream.write(bodies.event("ADDED", { name: "a", rv: 7 }));
    await until(() => play.sink.objects.length === 1);
    play.clock.advance(29_999);
    stream.write(bodies.event("ADDED", { name: "b", rv: 8 }));
    await until(() => play.sink.objects.length === 2);
    play.clock.advance(29_999);
    expect(play.reflector.state.phase).toBe("listing");
    play.clock.advance(1);
    expect((await play.server.next()).query).toEqual({ limit: "500" });
    await until(() => stream.closed, "the stream to be closed");
  });

  test("a version that is expired or too large is left out at once", async () => {
    await using play = await Play.start();
    const first = await play.server.next();
    first.open(bodies.watchType);
    first.write(bodies.bookmark(10, true), bodies.error(410, "Expired"));
    const second = await play.server.next();
    expect(second.query["resourceVersion"]).toBe("10");
    const causes = { details: { causes: [{ reason: "ResourceVersionTooLarge" }] } };
    second.reply(504, bodies.status(504, "Timeout", causes));
    const third = await play.server.next();
    expect(third.query["sendInitialEvents"]).toBe("true");
    expect(third.query["resourceVersion"]).toBeUndefined();
  });
});

describe("streaming lists", () => {
  test("one that ends within a second without an event is read as pages at once", async () => {
    await using play = await Play.start();
    const stream = await play.server.next();
    stream.open(json.watchType);
    stream.end();
    expect((await play.server.next()).query).toEqual({ limit: "500" });
  });

  test("403 is tried as pages, since the permission to list may be there; 404 and 401 are not", async () => {
    await using play = await Play.start();
    (await play.server.next()).reply(404, "404 page not found");
    await play.backoff(800);
    for (const _attempt of ["first", "with fresh credentials"]) {
      const stream = await play.server.next();
      expect(stream.query["sendInitialEvents"]).toBe("true");
      stream.reply(401, json.status(401, "Unauthorized"));
    }
    await play.backoff(1_600);
    (await play.server.next()).reply(403, json.status(403, "Forbidden"));
    expect((await play.server.next()).query).toEqual({ limit: "500" });
  });

  test("the list slot is given back with the marking bookmark, not with the end of the watch", async () => {
    const lists = new ListSlots(1);
    await using play = await Play.start({ lists });
    const stream = await play.server.next();
    stream.open(json.watchType);
    let free = false;
    const acquired = lists.acquire(new AbortController().signal).then((release) => {
      free = true;
      return release;
    });
    stream.write(json.event("ADDED", { name: "a", rv: 7 }));
    await until(() => play.sink.objects.length === 1);
    expect(free).toBe(false);
    stream.write(json.bookmark(10, true));
    expect(await acquired).toBeTypeOf("function");
    expect(stream.closed).toBe(false);
  });

  test("429 is waited out and the streaming list asked for again", async () => {
    await using play = await Play.start();
    (await play.server.next()).reply(429, "busy", { "retry-after": "3" });
    await play.backoff(3_000);
    expect((await play.server.next()).query["sendInitialEvents"]).toBe("true");
  });

  test("where a bookmark is wanted soon, the stream is left after the list for a short watch", async () => {
    await using play = await Play.start({ firstWatchSeconds: 5 });
    const stream = await play.server.next();
    stream.open(json.watchType);
    stream.write(json.event("ADDED", { name: "a", rv: 7 }), json.bookmark(10, true));
    const watch = await play.server.next();
    expect(watch.query).toMatchObject({ resourceVersion: "10", timeoutSeconds: "5" });
    await until(() => stream.closed, "the stream to be closed");
    expect(play.sink.objects).toEqual(["a@7"]);
  });

  test("Secrets are asked for as table rows", async () => {
    await using play = await Play.start({ reads: "table", path: "/api/v1/secrets" });
    const stream = await play.server.next();
    expect(stream.headers["accept"]).toBe("application/json;as=Table;v=v1;g=meta.k8s.io");
    stream.open("application/json");
    const columnDefinitions = [{ name: "Name" }, { name: "Type" }];
    const table = (metadata: object): object => ({
      kind: "Table",
      apiVersion: "meta.k8s.io/v1",
      columnDefinitions,
      rows: [{ cells: ["s", "Opaque"], object: { kind: "PartialObjectMetadata", metadata } }],
    });
    const secret = { name: "s", namespace: "x", uid: "u", resourceVersion: "7" };
    const annotations = { "k8s.io/initial-events-end": "true" };
    stream.write(
      `${JSON.stringify({ type: "ADDED", object: table(secret) })}\n`,
      `${JSON.stringify({ type: "BOOKMARK", object: table({ resourceVersion: "10", annotations }) })}\n`,
    );
    await play.synced();
    expect(play.sink.calls).toEqual(["listStarted", "list s@7", "listCompleted 10"]);
  });

  test("a server that sends whole Secrets instead of table rows is not read", async () => {
    await using play = await Play.start({ reads: "table", streamingList: false });
    const metadata = { name: "s", namespace: "x", uid: "u", resourceVersion: "7" };
    (await play.server.next()).json({
      kind: "SecretList",
      metadata: { resourceVersion: "10" },
      items: [{ metadata, data: { password: "c2VjcmV0" } }],
    });
    await play.backoff(800);
    expect(play.sink.objects).toEqual([]);
    expect(play.told).toContain("frame error");
  });

  test("where only metadata is rendered, only metadata is asked for", async () => {
    await using play = await Play.start({ reads: "metadata" });
    const stream = await play.server.next();
    expect(stream.headers["accept"]).toBe(
      "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
    );
    stream.reply(422, json.status(422, "Invalid"));
    const list = await play.server.next();
    expect(list.headers["accept"]).toBe(
      "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
    );
  });
});
