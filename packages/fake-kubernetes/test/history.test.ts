import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiFailure, startFakeKubernetes, type FakeKubernetes } from "../src/index.ts";
import { ApiClient } from "./api-client.ts";

const path = "/api/v1/configmaps";
const streamingList =
  "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

let fake: FakeKubernetes;
let api: ApiClient;

beforeEach(async () => {
  fake = await startFakeKubernetes({ tooLargeVersionWaitSeconds: 0, historyCapacity: 20 });
  api = new ApiClient({ baseUrl: fake.url, headers: {} });
  for (const name of ["a", "b", "c"]) put(name);
});

afterEach(() => fake.close());

function put(name: string, uid?: string): void {
  fake.put("configmaps", {
    metadata: { namespace: "default", name, ...(uid === undefined ? {} : { uid }) },
    data: { at: String(fake.resourceVersion) },
  });
}

test("after a compaction older watches, pages and exact versions are gone, and nothing else", async () => {
  const before = fake.resourceVersion;
  const page = await api.json(`${path}?limit=1`);
  put("d");
  fake.compact();
  using watch = await api.watch(`${path}?watch=true&resourceVersion=${before}`);
  await watch.until(({ ended }) => ended === "clean");
  expect(watch.status).toBe(200);
  expect(watch.events).toMatchObject([{ type: "ERROR", object: { code: 410, reason: "Expired" } }]);
  const next = await api.json(`${path}?limit=1&continue=${page["metadata"].continue}`);
  expect(next).toMatchObject({ http: 410, reason: "Expired" });
  expect(next["metadata"].continue).toMatch(/^ey/);
  const exact = await api.json(`${path}?resourceVersion=${before}&resourceVersionMatch=Exact`);
  expect(exact).toMatchObject({ http: 410, reason: "Expired" });
  expect((await api.json(`${path}?resourceVersion=${before}`))["items"]).toHaveLength(4);
});

test("a running watch that has seen everything survives a compaction", async () => {
  using watch = await api.watch(`${path}?${streamingList}`);
  await watch.until(({ events }) => events.length === 4);
  fake.compact();
  put("d");
  await watch.until(({ events }) => events.length === 5);
  expect(watch.summary.at(-1)).toBe("ADDED d");
});

test("a history that is full forgets its oldest changes", async () => {
  const before = fake.resourceVersion;
  for (let i = 0; i < 30; i++) put("a");
  using watch = await api.watch(`${path}?watch=true&resourceVersion=${before}`);
  await watch.until(({ ended }) => ended === "clean");
  expect(watch.events).toMatchObject([{ object: { code: 410 } }]);
});

test("a client that does not read is dropped when the history has moved past it, and costs others nothing", async () => {
  const from = fake.resourceVersion;
  const slow = await api.open(`${path}?watch=true&resourceVersion=${from}`);
  const quick = await api.open(`${path}?watch=true&resourceVersion=${from}`);
  const blob = "x".repeat(500_000);
  let taken = 0;
  let wake = (): void => {};
  quick.on("data", (chunk: Buffer) => {
    taken += chunk.length;
    wake();
  });
  // Far more than socket buffers hold; the quick client takes each before the next is made.
  for (let i = 0; i < 60; i++) {
    fake.put("configmaps", {
      metadata: { namespace: "default", name: "big" },
      data: { blob, i: `${i}` },
    });
    while (taken < (i + 1) * blob.length) await new Promise<void>((resolve) => (wake = resolve));
  }
  let read = 0;
  for await (const chunk of slow as AsyncIterable<Buffer>) read += chunk.length;
  expect(read).toBeLessThan(60 * blob.length);
  expect(quick.complete).toBe(false);
  quick.destroy();
});

test("bookmarks come at each interval once the version has moved, and follow consistent lists", async () => {
  fake.settings.bookmarkIntervalSeconds = 0.02;
  using watch = await api.watch(`${path}?${streamingList}`);
  await watch.until(({ events }) => events.length === 4);
  fake.put("secrets", { metadata: { namespace: "default", name: "elsewhere" } });
  const list = await api.json(`${path}?limit=1`);
  await watch.until(({ events }) => events.length === 6);
  expect(watch.summary.slice(4)).toEqual(["BOOKMARK", "BOOKMARK"]);
  expect(watch.events[4]?.["object"].metadata).toEqual({
    resourceVersion: list["metadata"].resourceVersion,
  });
});

test("without allowWatchBookmarks a streaming list has no mark", async () => {
  using watch = await api.watch(
    `${path}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
  );
  await watch.until(({ events }) => events.length === 3);
  put("d");
  await watch.until(({ events }) => events.length === 4);
  expect(watch.summary).toEqual(["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
});

test("a list of any version says the collection's own version, which may be old", async () => {
  const own = fake.resourceVersion;
  fake.advance(100);
  const any = await api.json(`${path}?resourceVersion=0&limit=1`);
  expect(any["metadata"].resourceVersion).toBe(String(own));
  expect(any["items"]).toHaveLength(3);
  expect((await api.json(path))["metadata"].resourceVersion).toBe(String(own + 100));
});

test("a version from the future is served once it is reached", async () => {
  fake.settings.tooLargeVersionWaitSeconds = 0.05;
  const list = api.json(`${path}?resourceVersion=${fake.resourceVersion + 1}`);
  put("d");
  expect((await list)["items"]).toHaveLength(4);
});

test("a restored backup makes versions go back: a watch from before is silent", async () => {
  const old = fake.resourceVersion;
  fake.restoreBackup(2);
  using watch = await api.watch(`${path}?watch=true&resourceVersion=${old}`);
  put("d");
  expect((await api.json(path))["metadata"].resourceVersion).toBe("3");
  expect(watch.status).toBe(200);
  expect(watch.events).toEqual([]);
});

test("a name with a new uid is a deletion and a creation", async () => {
  const from = fake.resourceVersion;
  put("a", "11111111-1111-4111-8111-111111111111");
  using watch = await api.watch(`${path}?watch=true&resourceVersion=${from}`);
  await watch.until(({ events }) => events.length === 2);
  expect(watch.summary).toEqual(["DELETED a", "ADDED a"]);
});

test("finalizers delay a deletion until they are removed", () => {
  const target = { namespace: "default", name: "f" };
  fake.create("configmaps", { metadata: { ...target, finalizers: ["x.example/y"] } });
  fake.delete("configmaps", target);
  expect(fake.get("configmaps", target)?.metadata?.deletionTimestamp).toBeDefined();
  fake.patch("configmaps", target, { metadata: { finalizers: null } });
  expect(fake.get("configmaps", target)).toBeUndefined();
});

test("in-process mistakes are named", () => {
  expect(() => fake.list("nothings")).toThrow(TypeError);
  expect(() =>
    fake.create("configmaps", { metadata: { namespace: "default", name: "a" } }),
  ).toThrow(expect.objectContaining({ code: "API_ALREADY_EXISTS" }));
  expect(() => fake.delete("configmaps", { name: "never-made" })).toThrow(ApiFailure);
});

test("custom resources appear and vanish with their definition", async () => {
  const resource = { group: "test.example", version: "v1", name: "boats", kind: "Boat" };
  fake.registerCustomResource(resource);
  fake.create("boats", { metadata: { namespace: "default", name: "b" } });
  expect((await api.json("/apis/test.example/v1/boats"))["items"]).toHaveLength(1);
  fake.delete("customresourcedefinitions", { name: "boats.test.example" });
  expect((await api.send("/apis/test.example/v1/boats")).status).toBe(404);
});

test("with tokens, requests without one are refused and the kubeconfig carries it", async () => {
  await using guarded = await startFakeKubernetes({ tokens: { secret: { username: "u" } } });
  expect(guarded.kubeconfig("secret")).toContain('token: "secret"');
  const bearing = (authorization: string): ApiClient =>
    new ApiClient({ baseUrl: guarded.url, headers: { authorization } });
  expect(await bearing("Bearer wrong").json(path)).toMatchObject({
    http: 401,
    reason: "Unauthorized",
  });
  expect(await bearing("Bearer secret").json(path)).toMatchObject({ http: 200 });
  expect((await bearing("").send("/readyz")).status).toBe(200);
  const review = await bearing("Bearer secret").json(
    "/apis/authentication.k8s.io/v1/tokenreviews",
    {
      method: "POST",
      body: { spec: { token: "secret" } },
    },
  );
  expect(review["status"]).toMatchObject({ authenticated: true, user: { username: "u" } });
});

test("requests are recorded with their parameters and the bytes they were sent", async () => {
  const answer = await api.send(`${path}?limit=1`);
  const [record] = fake.requests;
  expect(record).toMatchObject({ verb: "list", method: "GET", path, bytes: answer.bytes.length });
  expect(record?.query.get("limit")).toBe("1");
});
