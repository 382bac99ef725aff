import { createWatchReader } from "@kube-state-mosaic/wire";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startFakeKubernetes, type Fault, type FakeKubernetes } from "../src/index.ts";
import { ApiClient } from "./api-client.ts";

const path = "/api/v1/configmaps";
const protobuf = "application/vnd.kubernetes.protobuf";
const streamingList =
  "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

let fake: FakeKubernetes;
let api: ApiClient;

beforeEach(async () => {
  fake = await startFakeKubernetes({ tooLargeVersionWaitSeconds: 0 });
  api = new ApiClient({ baseUrl: fake.url, headers: {} });
  for (const name of ["a", "b", "c"]) put(name);
});

afterEach(() => fake.close());

function put(name: string, data: Record<string, string> = {}): void {
  fake.put("configmaps", { metadata: { namespace: "default", name }, data });
}

describe("answers", () => {
  test.each<[string, Extract<Fault, { kind: "status" }>, [string, string]]>([
    [
      "JSON",
      { kind: "status", code: 500, reason: "InternalError" },
      ["application/json", '{"kind":"Status"'],
    ],
    ["protobuf", { kind: "status", code: 429, form: "protobuf" }, [protobuf, "k8s\0"]],
    [
      "plain text",
      { kind: "status", code: 429, form: "text", message: "slow down" },
      ["text/plain; charset=utf-8", "slow down"],
    ],
    ["HTML", { kind: "status", code: 502, form: "html" }, ["text/html", "<html>"]],
    [
      "JSON without a label",
      { kind: "status", code: 504, form: "unlabelled" },
      ["", '{"kind":"Status"'],
    ],
    ["nothing", { kind: "status", code: 503, form: "empty" }, ["", ""]],
  ])("a status can come as %s", async (_form, fault, [type, start]) => {
    fake.faults.on({ path }, fault);
    const answer = await api.send(path);
    expect(answer.status).toBe(fault.code);
    expect(answer.headers["content-type"] ?? "").toBe(type);
    expect(answer.bytes.toString("latin1").startsWith(start)).toBe(true);
  });

  test("a fault strikes once unless told otherwise, and only where its conditions hold", async () => {
    fake.faults.on({ path, verb: "list" }, { kind: "status", code: 401, reason: "Unauthorized" });
    const forever = fake.faults.on(
      { path: /\/pods$/, times: Infinity },
      { kind: "status", code: 403 },
    );
    const statuses = [];
    for (const one of [path, path, "/api/v1/pods", "/api/v1/pods", "/api/v1/secrets"])
      statuses.push((await api.send(one)).status);
    expect(statuses).toEqual([401, 200, 403, 403, 200]);
    expect(fake.faults.pending).toBe(0);
    forever();
    expect((await api.send("/api/v1/pods")).status).toBe(200);
  });

  test("the path of a resource stands for its namespaced paths too", async () => {
    fake.faults.on({ path }, { kind: "status", code: 500 });
    expect((await api.send("/api/v1/namespaces/default/configmaps")).status).toBe(500);
  });

  test("Retry-After and other headers can be sent", async () => {
    fake.faults.on(
      { path },
      { kind: "status", code: 429, retryAfter: 7, headers: { "x-why": "test" } },
    );
    const { headers } = await api.send(path);
    expect(headers).toMatchObject({ "retry-after": "7", "x-why": "test" });
  });

  test.each(["reset", "close"] as const)("a connection can %s before any answer", async (how) => {
    fake.faults.on({ path }, { kind: "refuse", how });
    await expect(api.send(path)).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("headers can be held back", async () => {
    const gate = Promise.withResolvers<void>();
    fake.faults.on({ path }, { kind: "hold", until: gate.promise });
    const answer = api.send(path);
    expect((await api.send("/api/v1/secrets")).status).toBe(200);
    gate.resolve();
    expect((await answer).status).toBe(200);
  });
});

describe("bodies", () => {
  test("a body can be cut at each byte, cleanly or not", async () => {
    const whole = (await api.send(path)).bytes;
    for (let at = 0; at < whole.length; at += 37) {
      fake.faults.on({ path }, { kind: "cut", afterBytes: at, how: "end" });
      const clean = await api.send(path);
      expect(clean.error).toBeUndefined();
      expect(clean.bytes).toEqual(whole.subarray(0, at));
      fake.faults.on({ path }, { kind: "cut", afterBytes: at, how: "close" });
      const broken = await api.send(path);
      expect(broken.error).toBe("ECONNRESET");
      expect(broken.bytes).toEqual(whole.subarray(0, at));
    }
  });

  test("a body that stalls gives neither bytes nor an end", async () => {
    fake.faults.on({ path }, { kind: "stall", afterBytes: 10 });
    using stream = await api.watch(path);
    await stream.until(({ bytes }) => bytes.length === 10);
    expect((await api.send("/api/v1/secrets")).status).toBe(200);
    expect(stream.bytes).toHaveLength(10);
    expect(stream.ended).toBe("");
  });

  test("a body can come in pieces of one byte", async () => {
    const whole = (await api.send(path)).bytes;
    fake.faults.on({ path }, { kind: "split", bytes: 1 });
    using stream = await api.watch(path);
    await stream.until(({ ended }) => ended === "clean");
    expect(stream.bytes).toEqual(whole);
    expect(stream.chunkSizes.length).toBeGreaterThan(whole.length / 4);
  });

  test("running watches can be broken at any moment", async () => {
    using stream = await api.watch(`${path}?${streamingList}`);
    await stream.until(({ events }) => events.length === 4);
    expect(fake.runningWatches).toEqual([path]);
    fake.interrupt("reset", "/api/v1/pods");
    put("d");
    await stream.until(({ events }) => events.length === 5);
    fake.interrupt("reset", path);
    await stream.until(({ ended }) => ended === "broken");
  });

  test("during an outage connections are refused, afterwards the address is the same", async () => {
    const { url } = fake;
    await fake.stopListening();
    await expect(api.send(path)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await fake.listen();
    expect(fake.url).toBe(url);
    expect((await api.send(path)).status).toBe(200);
  });
});

describe("watches", () => {
  const watch = `${path}?${streamingList}`;

  test("an ERROR event ends the watch after the events before it", async () => {
    fake.faults.on({ path }, { kind: "error-event", afterEvents: 2, code: 410, reason: "Expired" });
    using stream = await api.watch(watch);
    await stream.until(({ ended }) => ended === "clean");
    expect(stream.summary).toEqual(["ADDED a", "ADDED b", "ERROR"]);
    expect(stream.events[2]?.["object"]).toMatchObject({
      kind: "Status",
      code: 410,
      reason: "Expired",
    });
  });

  test("a watch can end without any event", async () => {
    fake.faults.on({ path }, { kind: "end", afterEvents: 0 });
    using stream = await api.watch(watch);
    await stream.until(({ ended }) => ended === "clean");
    expect(stream.bytes).toHaveLength(0);
  });

  test("a streaming list can lose its marking bookmark", async () => {
    fake.faults.on({ path }, { kind: "drop", event: ({ initialEventsEnd }) => initialEventsEnd });
    using stream = await api.watch(watch);
    await stream.until(({ events }) => events.length === 3);
    put("d");
    await stream.until(({ events }) => events.length === 4);
    expect(stream.summary).toEqual(["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
  });

  test("one event can be lost without a trace", async () => {
    fake.faults.on({ path }, { kind: "drop", event: ({ name }) => name === "b" });
    using stream = await api.watch(watch);
    await stream.until(({ events }) => events.length === 3);
    expect(stream.summary).toEqual(["ADDED a", "ADDED c", "BOOKMARK"]);
  });

  test("an event's object can lack its uid, in JSON and protobuf", async () => {
    const fault: Fault = { kind: "strip-uid", event: ({ name }) => name === "a" };
    fake.faults.on({ path, times: 2 }, fault);
    using stream = await api.watch(watch);
    await stream.until(({ events }) => events.length === 4);
    expect(stream.events.map(({ object }) => "uid" in object.metadata)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    using binary = await api.watch(watch, { accept: protobuf });
    await binary.until(({ bytes }) => bytes.includes("initial-events-end"));
    const reader = createWatchReader(`${protobuf};stream=watch`);
    reader.push(binary.bytes);
    expect(reader.next()).toMatchObject({ object: { name: "a", uid: "" } });
  });

  test("bytes that do not belong there can stand between frames", async () => {
    const oversized = Buffer.from([0x7f, 0xff, 0xff, 0xff]);
    fake.faults.on({ path }, { kind: "insert", afterEvents: 1, bytes: oversized });
    using stream = await api.watch(watch, { accept: protobuf });
    await stream.until(({ bytes }) => bytes.includes(oversized));
    const reader = createWatchReader(`${protobuf};stream=watch`);
    reader.push(stream.bytes);
    expect(reader.next()).toMatchObject({ object: { name: "a" } });
    expect(() => reader.next()).toThrow(/frame/i);
  });

  test.each([
    ["refuse-match", 422, "resourceVersionMatch"],
    ["refuse-gate", 422, "sendInitialEvents"],
  ] as const)("streaming lists can be refused as %s", async (how, code, field) => {
    fake.settings.streamingLists = how;
    const answer = await api.json(watch);
    expect(answer).toMatchObject({ http: code, details: { causes: [{ field }] } });
  });

  test("a storage without progress refuses in the stream, a foreign server ignores the parameters", async () => {
    fake.settings.streamingLists = "refuse-storage";
    using refused = await api.watch(watch);
    await refused.until(({ ended }) => ended === "clean");
    expect(refused.events).toMatchObject([{ type: "ERROR", object: { code: 500 } }]);
    fake.settings.streamingLists = "ignore";
    using ignored = await api.watch(watch);
    await ignored.until(({ events }) => events.length === 3);
    put("d");
    await ignored.until(({ events }) => events.length === 4);
    expect(ignored.summary).not.toContain("BOOKMARK");
  });
});

describe("lists", () => {
  test("an expired page gives a token that continues inconsistently", async () => {
    const first = await api.json(`${path}?limit=1`);
    fake.faults.on(
      { path, when: ({ query }) => query.has("continue") },
      { kind: "expire-continue" },
    );
    const next = `${path}?limit=5&continue=${first["metadata"].continue}`;
    const expired = await api.json(next);
    expect(expired).toMatchObject({ http: 410, reason: "Expired", code: 410 });
    put("bb");
    const rest = await api.json(`${path}?limit=5&continue=${expired["metadata"].continue}`);
    expect(rest["items"].map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual(
      ["b", "bb", "c"],
    );
    expect(rest["metadata"].resourceVersion).toBe(String(fake.resourceVersion));
  });

  test("a page can be empty although more follows", async () => {
    fake.faults.on({ path }, { kind: "empty-page" });
    const empty = await api.json(`${path}?limit=2`);
    expect(empty["items"]).toEqual([]);
    const rest = await api.json(`${path}?limit=5&continue=${empty["metadata"].continue}`);
    expect(rest["items"]).toHaveLength(3);
  });

  test("a page can pretend to be the last", async () => {
    fake.faults.on({ path }, { kind: "drop-continue" });
    const { items, metadata } = await api.json(`${path}?limit=2`);
    expect(items).toHaveLength(2);
    expect(metadata).not.toHaveProperty("continue");
  });

  test("items can be null", async () => {
    fake.faults.on({ path }, { kind: "null-items" });
    expect((await api.send(path)).bytes.toString()).toMatch(/,"items":null\}\n$/);
  });

  test("selectors can be ignored", async () => {
    const query = `${path}?fieldSelector=metadata.name=a`;
    fake.faults.on({ path }, { kind: "ignore", parameters: ["fieldSelector"] });
    expect((await api.json(query))["items"]).toHaveLength(3);
    expect((await api.json(query))["items"]).toHaveLength(1);
  });

  test("shard selectors can be ignored or rejected by the whole server", async () => {
    const nobody = encodeURIComponent(
      "shardRange(object.metadata.uid, '0x0000000000000000', '0x0000000000000001')",
    );
    const query = `${path}?shardSelector=${nobody}`;
    expect((await api.json(query))["items"]).toHaveLength(0);
    fake.settings.shardSelector = "ignore";
    const ignored = await api.json(query);
    expect(ignored["items"]).toHaveLength(3);
    expect(ignored["metadata"]).not.toHaveProperty("shardInfo");
    fake.settings.shardSelector = "reject";
    expect(await api.json(query)).toMatchObject({
      http: 500,
      message: expect.stringMatching(/^invalid shard selector/),
    });
  });
});
