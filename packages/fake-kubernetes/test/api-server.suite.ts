import { createListReader, createWatchReader } from "@kube-state-mosaic/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiClient, type ApiServer, type Document } from "./api-client.ts";

const protobuf = "application/vnd.kubernetes.protobuf";
const asTable = "application/json;as=Table;v=v1;g=meta.k8s.io";
const asMetadata = (media: string, list: boolean): string =>
  `${media};as=PartialObjectMetadata${list ? "List" : ""};v=v1;g=meta.k8s.io`;
const streamingList =
  "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
const wholeRange = "shardRange(object.metadata.uid, '0x0000000000000000', '0x10000000000000000')";

export interface SuiteSubject extends ApiServer {
  /** Whether server-side sharding is on. */
  readonly honoursShardSelector: boolean;
}

/**
 * What the exporter relies on, as a real API server does it; run against the fake and against kube-apiserver.
 * `start` is called once; the server may hold other objects, the suite keeps to namespaces of its own.
 */
export function apiServerSuite(name: string, start: () => Promise<SuiteSubject>): void {
  // oxlint-disable-next-line vitest/valid-title -- the name is whose suite it is
  describe(name, () => {
    let subject: SuiteSubject;
    let api: ApiClient;
    let counter = 0;
    const run = Date.now().toString(36);

    beforeAll(async () => {
      subject = await start();
      api = new ApiClient(subject);
      await api.json("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
        method: "POST",
        body: definition,
      });
      await until(async () => (await api.send("/apis/suite.example/v1/ferries")).status === 200);
    });

    afterAll(async () => {
      await api.send(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`,
        {
          method: "DELETE",
        },
      );
    });

    /** A new namespace; gives the path of its config maps. */
    const namespace = async (): Promise<{ path: string; name: string }> => {
      const name = `suite-${run}-${counter++}`;
      const answer = await api.json("/api/v1/namespaces", {
        method: "POST",
        body: { metadata: { name } },
      });
      expect(answer.http).toBe(201);
      return { name, path: `/api/v1/namespaces/${name}/configmaps` };
    };
    // Some servers put an object of their own into each new namespace.
    const mine = "fieldSelector=metadata.name!=kube-root-ca.crt";
    const create = async (path: string, object: Document): Promise<Document> => {
      const answer = await api.json(path, { method: "POST", body: object });
      expect(answer.http).toBe(201);
      return answer;
    };
    const named = (name: string, labels?: Record<string, string>): Document => ({
      metadata: { name, ...(labels === undefined ? {} : { labels }) },
    });
    const merge = (body: unknown): { method: string; contentType: string; body: unknown } => ({
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body,
    });

    describe("writes", () => {
      test("a created object has a uid, a version and a time, and is read back the same", async () => {
        const { path, name } = await namespace();
        const created = await create(path, { ...named("a"), data: { k: "v" } });
        expect(created).toMatchObject({
          kind: "ConfigMap",
          apiVersion: "v1",
          metadata: { name: "a", namespace: name },
          data: { k: "v" },
        });
        expect(created["metadata"].uid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
        expect(created["metadata"].creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
        expect(await api.json(`${path}/a`)).toEqual({ ...created, http: 200 });
      });

      test("a generated name has the given prefix and five more characters", async () => {
        const { path } = await namespace();
        const created = await create(path, { metadata: { generateName: "g-" } });
        expect(created["metadata"].name).toMatch(/^g-[a-z0-9]{5}$/);
      });

      test.each([
        ["an object that exists", { metadata: { name: "a" } }, [409, "AlreadyExists"]],
        ["an object without a name", { metadata: {} }, [422, "Invalid"]],
        [
          "an object of another namespace",
          { metadata: { name: "b", namespace: "x" } },
          [400, "BadRequest"],
        ],
        [
          "an object of another kind",
          { kind: "Secret", apiVersion: "v1", metadata: { name: "b" } },
          [400, "BadRequest"],
        ],
        ["text that is not JSON", "{bad", [400, "BadRequest"]],
      ])("creating %s is refused", async (_what, body, [code, reason]) => {
        const { path } = await namespace();
        await create(path, named("a"));
        const answer = await api.json(path, { method: "POST", body });
        expect(answer).toMatchObject({
          http: code,
          kind: "Status",
          status: "Failure",
          code,
          reason,
        });
      });

      test("creating in a namespace that does not exist is refused", async () => {
        const answer = await api.json("/api/v1/namespaces/never-made/configmaps", {
          method: "POST",
          body: named("a"),
        });
        expect(answer).toMatchObject({
          http: 404,
          details: { kind: "namespaces", name: "never-made" },
        });
      });

      test("of two replacements of one version, one is a conflict", async () => {
        const { name } = await namespace();
        const path = `/apis/coordination.k8s.io/v1/namespaces/${name}/leases`;
        const lease = await create(path, {
          metadata: { name: "l" },
          spec: { holderIdentity: "a" },
        });
        const replace = (holderIdentity: string): Promise<Document & { http: number }> =>
          api.json(`${path}/l`, {
            method: "PUT",
            body: {
              metadata: { name: "l", resourceVersion: lease["metadata"].resourceVersion },
              spec: { holderIdentity },
            },
          });
        const answers = await Promise.all([replace("b"), replace("c")]);
        expect(new Set(answers.map(({ http }) => http))).toEqual(new Set([200, 409]));
        expect(answers.find(({ http }) => http === 409)).toMatchObject({
          reason: "Conflict",
          details: { name: "l", group: "coordination.k8s.io", kind: "leases" },
        });
      });

      test("a replacement without a version always wins, one that changes nothing keeps the version", async () => {
        const { path } = await namespace();
        const { metadata } = await create(path, { ...named("a"), data: { k: "1" } });
        const body = { ...named("a"), data: { k: "2" } };
        const second = await api.json(`${path}/a`, { method: "PUT", body });
        expect(second.http).toBe(200);
        expect(second["metadata"].uid).toBe(metadata.uid);
        expect(Number(second["metadata"].resourceVersion)).toBeGreaterThan(
          Number(metadata.resourceVersion),
        );
        const third = await api.json(`${path}/a`, { method: "PUT", body });
        expect(third["metadata"].resourceVersion).toBe(second["metadata"].resourceVersion);
      });

      test.each([
        ["under another name", "a", [400, "BadRequest"]],
        ["of an object that does not exist", "b", [404, "NotFound"]],
      ])("a replacement %s is refused", async (_what, target, [code, reason]) => {
        const { path } = await namespace();
        await create(path, named("a"));
        const answer = await api.json(`${path}/${target}`, {
          method: "PUT",
          body: named(target === "a" ? "z" : target),
        });
        expect(answer).toMatchObject({ http: code, reason });
      });

      test("a merge patch changes what it names, null removes, an old version is a conflict", async () => {
        const { path } = await namespace();
        const { metadata } = await create(path, { ...named("a"), data: { k: "1", gone: "1" } });
        const patched = await api.json(`${path}/a`, merge({ data: { k: "2", gone: null } }));
        expect(patched).toMatchObject({ http: 200, data: { k: "2" } });
        expect(Object.keys(patched["data"])).toEqual(["k"]);
        const { resourceVersion } = metadata;
        const stale = await api.json(
          `${path}/a`,
          merge({ metadata: { resourceVersion }, data: {} }),
        );
        expect(stale).toMatchObject({ http: 409, reason: "Conflict" });
        const unknown = await api.json(`${path}/a`, { ...merge({}), contentType: "text/plain" });
        expect(unknown).toMatchObject({ http: 415, reason: "UnsupportedMediaType" });
      });

      test("status and spec are written by different paths; only a new spec is a new generation", async () => {
        const { name } = await namespace();
        const path = `/apis/apps/v1/namespaces/${name}/statefulsets`;
        const created = await create(path, statefulSet);
        expect(created["metadata"].generation).toBe(1);
        const status = await api.json(
          `${path}/s/status`,
          merge({ status: { replicas: 3 }, spec: { replicas: 9 } }),
        );
        expect(status).toMatchObject({
          metadata: { generation: 1 },
          spec: { replicas: 2 },
          status: { replicas: 3 },
        });
        const spec = await api.json(
          `${path}/s`,
          merge({ status: { replicas: 7 }, spec: { replicas: 4 } }),
        );
        expect(spec).toMatchObject({
          metadata: { generation: 2 },
          spec: { replicas: 4 },
          status: { replicas: 3 },
        });
      });

      test("scale reads and sets the replicas", async () => {
        const { name } = await namespace();
        const path = `/apis/apps/v1/namespaces/${name}/statefulsets`;
        await create(path, statefulSet);
        expect(await api.json(`${path}/s/scale`)).toMatchObject({
          kind: "Scale",
          apiVersion: "autoscaling/v1",
          spec: { replicas: 2 },
          status: { selector: "app=s" },
        });
        const scaled = await api.json(`${path}/s/scale`, merge({ spec: { replicas: 5 } }));
        expect(scaled).toMatchObject({ http: 200, kind: "Scale", spec: { replicas: 5 } });
        expect(await api.json(`${path}/s`)).toMatchObject({
          spec: { replicas: 5 },
          metadata: { generation: 2 },
        });
      });

      test("a deletion says what it deleted, and minds the uid it was given", async () => {
        const { path } = await namespace();
        const { metadata } = await create(path, named("a"));
        const refused = await api.json(`${path}/a`, {
          method: "DELETE",
          body: { preconditions: { uid: "another" } },
        });
        expect(refused).toMatchObject({ http: 409, reason: "Conflict" });
        expect(await api.json(`${path}/a`, { method: "DELETE" })).toEqual({
          http: 200,
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Success",
          details: { name: "a", kind: "configmaps", uid: metadata.uid },
        });
        expect(await api.json(`${path}/a`, { method: "DELETE" })).toMatchObject({
          http: 404,
          details: { name: "a", kind: "configmaps" },
        });
      });
    });

    describe("requests that cannot be served", () => {
      test.each([
        ["/api/v1/nothings", "GET", [404, "NotFound"]],
        ["/api/v1/pods/a-name-without-namespace", "GET", [404, "NotFound"]],
        ["/api/v1/configmaps", "PATCH", [405, "MethodNotAllowed"]],
      ])("%s by %s", async (path, method, [code, reason]) => {
        const answer = await api.json(path, { method });
        expect(answer).toMatchObject({ http: code, kind: "Status", code, reason, details: {} });
      });

      test("a group that nobody serves", async () => {
        const answer = await api.send("/apis/nothing.example/v1/things");
        expect(answer.status).toBe(404);
        expect(answer.bytes.toString()).toBe("404 page not found\n");
      });

      test("a media type that is not served", async () => {
        const answer = await api.send("/api/v1/configmaps", { accept: "text/html" });
        expect(answer.status).toBe(406);
        expect(answer.bytes.toString()).toContain("NotAcceptable");
      });

      test.each([
        ["resourceVersion=0&resourceVersionMatch=Exact", 422, "resourceVersionMatch"],
        ["resourceVersionMatch=Exact", 422, "resourceVersionMatch"],
        ["sendInitialEvents=true", 422, "sendInitialEvents"],
        ["watch=true&sendInitialEvents=true", 422, "resourceVersionMatch"],
        ["watch=true&resourceVersionMatch=NotOlderThan", 422, "resourceVersionMatch"],
      ])("parameters %s", async (query, code, field) => {
        const answer = await api.json(`/api/v1/configmaps?${query}`);
        expect(answer).toMatchObject({ http: code, reason: "Invalid" });
        expect(answer["details"].causes[0]).toMatchObject({ reason: "FieldValueForbidden", field });
      });

      test.each([
        ["resourceVersion=abc", 400],
        ["continue=abc&limit=1", 400],
        ["limit=x", 400],
        ["fieldSelector=spec.nodeName=x", 400],
        ["fieldSelector=a", 400],
        ["labelSelector=a==b=c", 400],
        ["watch=true&resourceVersion=abc", 500],
      ])("parameters %s that cannot be read", async (query, code) => {
        expect(await api.json(`/api/v1/configmaps?${query}`)).toMatchObject({ http: code, code });
      });

      test("a version from the future times out with its own cause", async () => {
        const path = "/api/v1/configmaps?resourceVersion=99999999";
        const answer = await api.send(path);
        expect(answer.headers["retry-after"]).toBe("1");
        expect(JSON.parse(answer.bytes.toString())).toMatchObject({
          code: 504,
          reason: "Timeout",
          details: { causes: [{ reason: "ResourceVersionTooLarge" }], retryAfterSeconds: 1 },
        });
        using stream = await api.watch(
          `/api/v1/configmaps?${streamingList}&resourceVersion=99999999`,
        );
        await stream.until(({ ended }) => ended === "clean");
        expect(stream.status).toBe(200);
        expect(stream.events).toMatchObject([{ type: "ERROR", object: { code: 504 } }]);
      }, 20_000);
    });

    describe("lists", () => {
      test("built-in lists have their metadata first and items without kind", async () => {
        const { path, name } = await namespace();
        await create(path, named("b"));
        await create(path, named("a"));
        const answer = await api.send(`${path}?${mine}`);
        expect(answer.headers["content-type"]).toBe("application/json");
        expect(answer.bytes.toString()).toMatch(
          /^\{"kind":"ConfigMapList","apiVersion":"v1","metadata":\{"resourceVersion":"\d+"\},"items":\[\{"metadata":\{"name":"a","namespace":.*\]\}\n$/s,
        );
        const elsewhere = await api.json(
          `/api/v1/configmaps?fieldSelector=metadata.namespace=${name},metadata.name!=kube-root-ca.crt`,
        );
        expect(elsewhere["items"].map((item: Document) => item["metadata"].name)).toEqual([
          "a",
          "b",
        ]);
      });

      test("pages show the state of the first one, whatever changes meanwhile", async () => {
        const { name } = await namespace();
        const path = `/apis/coordination.k8s.io/v1/namespaces/${name}/leases`;
        for (const each of ["a", "b", "c"]) await create(path, named(each));
        const first = await api.json(`${path}?limit=1`);
        expect(first["items"]).toHaveLength(1);
        expect(first["metadata"].remainingItemCount).toBe(2);
        await api.send(`${path}/b`, { method: "DELETE" });
        await create(path, named("bb"));
        const token = encodeURIComponent(first["metadata"].continue);
        const rest = await api.json(`${path}?limit=5&continue=${token}`);
        expect(rest["items"].map((item: Document) => item["metadata"].name)).toEqual(["b", "c"]);
        expect(rest["metadata"]).toEqual({ resourceVersion: first["metadata"].resourceVersion });
        const exact = await api.json(
          `${path}?resourceVersionMatch=Exact&resourceVersion=${first["metadata"].resourceVersion}`,
        );
        expect(exact["items"]).toHaveLength(3);
      });

      test("with a selector the number of remaining items is not told", async () => {
        const { path } = await namespace();
        for (const each of ["a", "b", "c"]) await create(path, named(each, { x: "1" }));
        const page = await api.json(`${path}?limit=1&labelSelector=x=1`);
        expect(page["metadata"].continue).not.toBe("");
        expect(page["metadata"]).not.toHaveProperty("remainingItemCount");
      });

      test.each([
        ["labelSelector=x=1", ["a"]],
        ["labelSelector=x!=1", ["b", "c"]],
        ["labelSelector=x in (1,2)", ["a", "b"]],
        ["labelSelector=x notin (1)", ["b", "c"]],
        ["labelSelector=x", ["a", "b"]],
        ["labelSelector=!x", ["c"]],
        ["labelSelector=x,x!=2", ["a"]],
        ["fieldSelector=metadata.name=b", ["b"]],
      ])("selector %s", async (query, expected) => {
        const { path } = await namespace();
        await create(path, named("a", { x: "1" }));
        await create(path, named("b", { x: "2" }));
        await create(path, named("c"));
        const url = `${path}?${encodeURI(query)}${query.startsWith("label") ? `&${mine}` : ""}`;
        const { items } = await api.json(url);
        expect(items.map((item: Document) => item["metadata"].name)).toEqual(expected);
      });

      test("pods can be selected by node", async () => {
        const { name } = await namespace();
        const path = `/api/v1/namespaces/${name}/pods`;
        for (const [pod, nodeName] of [
          ["a", "n1"],
          ["b", "n2"],
          ["c", undefined],
        ] as const)
          await create(path, {
            metadata: { name: pod },
            spec: { nodeName, containers: [{ name: "c", image: "i" }] },
          });
        const select = async (value: string): Promise<string[]> => {
          const { items } = await api.json(`${path}?fieldSelector=spec.nodeName=${value}`);
          return items.map((item: Document) => item["metadata"].name);
        };
        expect(await select("n1")).toEqual(["a"]);
        expect(await select("")).toEqual(["c"]);
      });
    });

    describe("watches", () => {
      test("a watch tells each change after its version, in order, and carries kind and version", async () => {
        const { path } = await namespace();
        const { metadata } = await api.json(`${path}?${mine}`);
        await create(path, named("a"));
        await api.json(`${path}/a`, merge({ data: { k: "1" } }));
        using stream = await api.watch(
          `${path}?watch=true&resourceVersion=${metadata.resourceVersion}&${mine}`,
        );
        await api.send(`${path}/a`, { method: "DELETE" });
        await stream.until(({ events }) => events.length === 3);
        expect(stream.headers["content-type"]).toBe("application/json");
        expect(stream.summary).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
        const [added, modified, deleted] = stream.events.map(({ object }) => object);
        expect(added).toMatchObject({ kind: "ConfigMap", apiVersion: "v1" });
        expect(deleted).toMatchObject({ data: { k: "1" } });
        const versions = [added, modified, deleted].map((one) =>
          Number(one.metadata.resourceVersion),
        );
        expect(versions).toEqual(versions.toSorted((a, b) => a - b));
        expect(new Set(versions).size).toBe(3);
      });

      test("an object that begins to match is ADDED, one that ceases to is DELETED at the version of the change", async () => {
        const { path } = await namespace();
        const { metadata } = await api.json(path);
        using stream = await api.watch(
          `${path}?watch=true&resourceVersion=${metadata.resourceVersion}&labelSelector=x=1`,
        );
        await create(path, named("a"));
        await api.json(`${path}/a`, merge({ metadata: { labels: { x: "1" } } }));
        await api.json(`${path}/a`, merge({ data: { k: "1" } }));
        const last = await api.json(`${path}/a`, merge({ metadata: { labels: { x: "2" } } }));
        await stream.until(({ events }) => events.length === 3);
        expect(stream.summary).toEqual(["ADDED a", "MODIFIED a", "DELETED a"]);
        expect(stream.events[2]?.["object"].metadata).toMatchObject({
          labels: { x: "1" },
          resourceVersion: last["metadata"].resourceVersion,
        });
      });

      test("without a version a watch begins with what there is", async () => {
        const { path } = await namespace();
        await create(path, named("a"));
        using stream = await api.watch(`${path}?watch=true&${mine}`);
        await stream.until(({ events }) => events.length === 1);
        await create(path, named("b"));
        await stream.until(({ events }) => events.length === 2);
        expect(stream.summary).toEqual(["ADDED a", "ADDED b"]);
      });

      test("a streaming list ends with a marked bookmark and goes on as a watch", async () => {
        const { path } = await namespace();
        await create(path, named("a"));
        const last = await create(path, named("b"));
        using stream = await api.watch(`${path}?${streamingList}&${mine}`);
        await stream.until(({ events }) => events.length === 3);
        await create(path, named("c"));
        await stream.until(({ events }) => events.length === 4);
        expect(stream.summary).toEqual(["ADDED a", "ADDED b", "BOOKMARK", "ADDED c"]);
        const { object } = stream.events[2] ?? {};
        expect(object).toMatchObject({
          kind: "ConfigMap",
          apiVersion: "v1",
          metadata: { annotations: { "k8s.io/initial-events-end": "true" } },
        });
        expect(Number(object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
          Number(last["metadata"].resourceVersion),
        );
      });

      test("a watch ends cleanly at its time, with a bookmark before that when the version has moved", async () => {
        const { path } = await namespace();
        const { metadata } = await api.json(path);
        using stream = await api.watch(
          `${path}?watch=true&allowWatchBookmarks=true&timeoutSeconds=4&resourceVersion=${metadata.resourceVersion}`,
        );
        await create(path, named("a"));
        await stream.until(({ ended }) => ended !== "");
        expect(stream.ended).toBe("clean");
        const marks = stream.events.filter(({ type }) => type === "BOOKMARK");
        expect(marks.length).toBeGreaterThan(0);
        expect(Object.keys(marks[0]?.["object"].metadata)).toEqual(["resourceVersion"]);
      });
    });

    describe("media types", () => {
      test("the first acceptable clause wins", async () => {
        const type = async (accept: string): Promise<string | undefined> =>
          (await api.send("/api/v1/configmaps?limit=1", { accept })).headers["content-type"];
        expect(await type(`${protobuf},application/json`)).toBe(protobuf);
        expect(await type(`application/json,${protobuf}`)).toBe("application/json");
        expect(await type(`application/json;q=0.5,${protobuf}`)).toBe(protobuf);
        expect(await type(`*/*,${protobuf}`)).toBe(protobuf);
        expect(await type(`${protobuf};as=Table;v=v1;g=meta.k8s.io,application/json`)).toBe(
          "application/json",
        );
      });

      test.each([
        ["whole objects", protobuf, protobuf],
        ["metadata only", asMetadata(protobuf, true), asMetadata(protobuf, false)],
      ])(
        "lists and watches of %s can be had as protobuf",
        async (_what, listAccept, watchAccept) => {
          const { path, name } = await namespace();
          const created = await create(path, { ...named("a", { x: "1" }), data: { k: "v" } });
          const list = await api.send(`${path}?${mine}`, { accept: listAccept });
          expect(list.headers["content-type"]).toBe(protobuf);
          const reader = createListReader(protobuf);
          reader.push(list.bytes);
          const item = reader.next();
          expect(item).toMatchObject({ name: "a", namespace: name, uid: created["metadata"].uid });
          expect(reader.next()).toBeUndefined();
          const { resourceVersion } = reader.end();
          expect(Number(resourceVersion)).toBeGreaterThan(0);
          using stream = await api.watch(`${path}?${streamingList}&${mine}`, {
            accept: watchAccept,
          });
          expect(stream.headers["content-type"]).toBe(`${protobuf};stream=watch`);
          await stream.until(({ bytes }) => bytes.includes("initial-events-end"));
          const events = createWatchReader(`${protobuf};stream=watch`);
          events.push(stream.bytes);
          expect(events.next()).toMatchObject({
            type: "ADDED",
            object: { name: "a", uid: created["metadata"].uid },
          });
          expect(events.next()).toMatchObject({ type: "BOOKMARK", initialEventsEnd: true });
        },
      );

      test("a failure is told in the media type that was asked for", async () => {
        const answer = await api.send("/api/v1/namespaces/default/configmaps/never-made", {
          accept: protobuf,
        });
        expect(answer.status).toBe(404);
        expect(answer.headers["content-type"]).toBe(protobuf);
        expect(answer.bytes.subarray(0, 18).toString("latin1")).toBe(
          "k8s\0\n\f\n\x02v1\x12\x06Status",
        );
      });

      test("a table of secrets shows how many values there are, and none of them", async () => {
        const { name } = await namespace();
        const path = `/api/v1/namespaces/${name}/secrets`;
        await create(path, { ...named("a"), type: "example/kind", data: { k: "c2VjcmV0" } });
        const list = await api.send(path, { accept: asTable });
        const table = JSON.parse(list.bytes.toString()) as Document;
        expect(list.bytes.toString()).not.toContain("c2VjcmV0");
        expect(table["columnDefinitions"].map((column: Document) => column["name"])).toEqual([
          "Name",
          "Type",
          "Data",
          "Age",
        ]);
        expect(table["rows"][0]).toMatchObject({
          cells: ["a", "example/kind", 1, expect.any(String)],
          object: { kind: "PartialObjectMetadata", metadata: { name: "a" } },
        });
        using stream = await api.watch(`${path}?${streamingList}`, { accept: asTable });
        await stream.until(({ events }) => events.length === 2);
        const [added, mark] = stream.events.map(({ object }) => object);
        expect(added).toMatchObject({
          kind: "Table",
          rows: [{ object: { metadata: { name: "a" } } }],
        });
        expect(added.columnDefinitions).toHaveLength(4);
        expect(mark.columnDefinitions).toBeNull();
        expect(mark.rows[0].object.metadata.annotations).toEqual({
          "k8s.io/initial-events-end": "true",
        });
      });

      test("a list cannot be asked for as a single object's metadata", async () => {
        const answer = await api.send("/api/v1/configmaps", {
          accept: asMetadata("application/json", false),
        });
        expect(answer.status).toBe(406);
      });

      test("large lists are compressed for clients that say gzip", async () => {
        const { path } = await namespace();
        const blob = "x".repeat(200_000);
        await create(path, { ...named("big"), data: { blob } });
        const headers = { "accept-encoding": "gzip" };
        const big = await api.send(path, { headers });
        expect(big.headers["content-encoding"]).toBe("gzip");
        expect(big.bytes.length).toBeLessThan(50_000);
        const plain = await api.send(path);
        expect(plain.headers["content-encoding"]).toBeUndefined();
      });
    });

    describe("custom resources", () => {
      test("lists have sorted keys, items with kind, and no protobuf", async () => {
        const { name } = await namespace();
        const path = `/apis/suite.example/v1/namespaces/${name}/ferries`;
        const type = { kind: "Ferry", apiVersion: "suite.example/v1" };
        await create(path, { ...type, ...named("aurora"), spec: { z: 1, a: 2 } });
        const list = await api.send(path, { accept: `${protobuf},application/json` });
        expect(list.headers["content-type"]).toBe("application/json");
        expect(list.bytes.toString()).toMatch(
          /^\{"apiVersion":"suite.example\/v1","items":\[\{"apiVersion":"suite.example\/v1","kind":"Ferry","metadata":\{"creationTimestamp".*"spec":\{"a":2,"z":1\}\}\],"kind":"FerryList","metadata":\{"continue":"","resourceVersion":"\d+"\}\}\n$/s,
        );
        expect((await api.send(path, { accept: protobuf })).status).toBe(406);
      });
    });

    describe("server-side sharding", () => {
      test("a shard selector filters lists and watches, and the list says so", async () => {
        if (!subject.honoursShardSelector) return;
        const { name } = await namespace();
        const path = `/apis/coordination.k8s.io/v1/namespaces/${name}/leases`;
        for (let i = 0; i < 20; i++) await create(path, named(`l${i}`));
        const half = (start: string, end: string): string =>
          encodeURIComponent(`shardRange(object.metadata.uid,'${start}','${end}')`);
        const low = await api.json(
          `${path}?shardSelector=${half("0x0000000000000000", "0x8000000000000000")}`,
        );
        const high = await api.json(
          `${path}?shardSelector=${half("0x8000000000000000", "0x10000000000000000")}`,
        );
        expect(low["items"].length + high["items"].length).toBe(20);
        expect(low["metadata"].shardInfo).toEqual({
          selector: "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')",
        });
        const whole = await api.json(
          `${path}?limit=1&shardSelector=${encodeURIComponent(wholeRange)}`,
        );
        expect(whole["metadata"]).toMatchObject({
          remainingItemCount: 19,
          shardInfo: { selector: wholeRange },
        });
        using stream = await api.watch(
          `${path}?${streamingList}&shardSelector=${half("0x0000000000000000", "0x8000000000000000")}`,
        );
        await stream.until(({ events }) => events.at(-1)?.["type"] === "BOOKMARK");
        expect(stream.events.length - 1).toBe(low["items"].length);
      });

      test("a selector that cannot be read is a server error", async () => {
        if (!subject.honoursShardSelector) return;
        const answer = await api.json("/api/v1/configmaps?shardSelector=foo");
        expect(answer).toMatchObject({ http: 500, code: 500 });
        expect(answer["message"]).toMatch(/^invalid shard selector: /);
      });
    });

    describe("the rest", () => {
      test("the version document and the probes answer", async () => {
        expect((await api.json("/version"))["gitVersion"]).toMatch(/^v/);
        expect((await api.send("/readyz")).bytes.toString()).toBe("ok");
      });

      test("discovery tells resources, their kinds and sub-resources", async () => {
        const { resources } = await api.json("/apis/apps/v1");
        expect(resources).toContainEqual(
          expect.objectContaining({ name: "statefulsets", kind: "StatefulSet", namespaced: true }),
        );
        expect(resources).toContainEqual(
          expect.objectContaining({ name: "statefulsets/scale", kind: "Scale" }),
        );
        const { groups } = await api.json("/apis");
        expect(groups).toContainEqual(
          expect.objectContaining({
            name: "apps",
            preferredVersion: { groupVersion: "apps/v1", version: "v1" },
          }),
        );
      });

      test("an unknown token is not authenticated by a review", async () => {
        const answer = await api.json("/apis/authentication.k8s.io/v1/tokenreviews", {
          method: "POST",
          body: {
            kind: "TokenReview",
            apiVersion: "authentication.k8s.io/v1",
            spec: { token: "bad" },
          },
        });
        expect(answer).toMatchObject({ http: 201, kind: "TokenReview", status: { user: {} } });
        expect(answer["status"].authenticated ?? false).toBe(false);
      });
    });
  });
}

const definition = {
  metadata: { name: "ferries.suite.example" },
  spec: {
    group: "suite.example",
    scope: "Namespaced",
    names: { plural: "ferries", singular: "ferry", kind: "Ferry", listKind: "FerryList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        },
      },
    ],
  },
};

const statefulSet = {
  metadata: { name: "s" },
  spec: {
    serviceName: "s",
    replicas: 2,
    selector: { matchLabels: { app: "s" } },
    template: {
      metadata: { labels: { app: "s" } },
      spec: { containers: [{ name: "c", image: "i" }] },
    },
  },
};

/** Asks again, a turn of the event loop apart, until the answer is true. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}
