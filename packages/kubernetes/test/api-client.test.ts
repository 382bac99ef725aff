import { setImmediate as turn } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ApiClient, type ApiClientOptions, type RequestMeasure } from "../src/api-client.ts";
import { ApiError } from "../src/api-error.ts";
import type { Cluster } from "../src/cluster.ts";
import { json, protobuf } from "./bodies.ts";
import { clusterAt } from "./play.ts";
import { ScriptedServer } from "./scripted-server.ts";
import { until } from "./until.ts";

/** A client and the server it talks to. */
async function pair(
  options: Partial<ApiClientOptions> = {},
): Promise<{ server: ScriptedServer; client: ApiClient } & AsyncDisposable> {
  const server = await ScriptedServer.start();
  const client = new ApiClient({ cluster: clusterAt(server.url), version: "1.2.3", ...options });
  return {
    server,
    client,
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const list = { path: "/api/v1/pods", accept: "application/json" };

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("JSON requests", () => {
  test("a GET sends path, query and User-Agent and answers the parsed body", async () => {
    await using it = await pair();
    const answer = it.client.getJson("/version", { a: "x y", b: 0, c: false, d: "", e: undefined });
    const request = await it.server.next();
    expect([request.method, request.path]).toEqual(["GET", "/version"]);
    expect(request.query).toEqual({ a: "x y", b: "0", c: "false" });
    expect(request.headers["user-agent"]).toBe("kube-state-mosaic/1.2.3");
    expect(request.headers["accept"]).toBe("application/json");
    expect(request.headers["accept-encoding"]).toBeUndefined();
    request.json({ gitVersion: "v1.36.3" });
    expect(await answer).toEqual({ gitVersion: "v1.36.3" });
  });

  test.each([
    ["POST", "application/json"],
    ["PUT", "application/json"],
    ["PATCH", "application/merge-patch+json"],
    ["DELETE", "application/json"],
  ] as const)("%s sends its body as %s", async (method, contentType) => {
    await using it = await pair();
    const answer = it.client.send(method, "/apis/x/v1/leases/a", { body: { spec: "ä" } });
    const request = await it.server.next();
    expect(request.method).toBe(method);
    expect(request.headers["content-type"]).toBe(contentType);
    expect(JSON.parse(request.body)).toEqual({ spec: "ä" });
    request.json({ ok: true }, 201);
    expect(await answer).toEqual({ ok: true });
  });

  test("the path of the server's URL is a prefix of every request", async () => {
    await using server = await ScriptedServer.start();
    const prefixed = new URL("/k8s/clusters/c1/", server.url);
    await using client = new ApiClient({ cluster: clusterAt(prefixed) });
    const answer = client.getJson("/version");
    const request = await server.next();
    expect(request.path).toBe("/k8s/clusters/c1/version");
    request.json({});
    await answer;
  });

  test("a success that is not JSON is an error", async () => {
    await using it = await pair();
    const answer = it.client.getJson("/version");
    (await it.server.next()).reply(200, "<html>");
    await expect(answer).rejects.toMatchObject({ code: "API_INVALID_JSON" });
  });
});

describe("refusals", () => {
  test.each([
    ["JSON", json.status(409, "Conflict", { details: { retryAfterSeconds: 4 } })],
    ["protobuf", protobuf.status(409, "Conflict", { details: { retryAfterSeconds: 4 } })],
  ])("a Status in %s is parsed whatever its Content-Type says", async (_name, body) => {
    await using it = await pair();
    const answer = it.client.getJson("/api/v1/pods").catch((thrown: unknown) => thrown);
    (await it.server.next()).reply(409, body, { "content-type": "text/plain" });
    const error = await answer;
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      code: "API_CONFLICT",
      httpStatus: 409,
      hasStatus: true,
      status: { code: 409, reason: "Conflict", message: "status 409" },
      retryAfterSeconds: 4,
      message: "GET /api/v1/pods answered 409: status 409",
    });
  });

  test.each([
    [429, "API_TOO_MANY_REQUESTS", ["9", 9]],
    [503, "API_SERVICE_UNAVAILABLE", ["soon", 0]],
    [502, "API_INTERNAL_ERROR", ["", 0]],
    [418, "API_ERROR", ["", 0]],
  ] as const)("without a Status, %i is %s", async (status, code, [retryAfter, seconds]) => {
    await using it = await pair();
    const answer = it.client.getJson("/x").catch((thrown: unknown) => thrown);
    (await it.server.next()).reply(status, "<html>\n busy", { "retry-after": retryAfter });
    expect(await answer).toMatchObject({
      code,
      hasStatus: false,
      retryAfterSeconds: seconds,
      status: { message: "<html> busy" },
    });
  });

  test("an endless error body is read only in part", async () => {
    await using it = await pair();
    const answer = it.client.getJson("/x").catch((thrown: unknown) => thrown);
    const request = await it.server.next();
    request.open("text/plain");
    request.reset();
    expect(await answer).toMatchObject({ code: "API_CONNECTION_LOST" });
    const second = it.client.getJson("/x").catch((thrown: unknown) => thrown);
    const endless = await it.server.next();
    endless.start(500);
    while (!endless.closed) {
      endless.write(Buffer.alloc(16_384, "x"));
      await turn();
    }
    expect(await second).toMatchObject({ httpStatus: 500 });
  });

  test("a 401 asks for fresh credentials and is tried once more", async () => {
    await using server = await ScriptedServer.start();
    let token = "old";
    const cluster: Cluster = {
      ...clusterAt(server.url),
      authenticate: () => Promise.resolve({ headers: { authorization: `Bearer ${token}` }, tls }),
      refused: () => {
        token = "new";
      },
    };
    const tls = {};
    await using client = new ApiClient({ cluster });
    const answer = client.getJson("/version");
    const first = await server.next();
    expect(first.headers["authorization"]).toBe("Bearer old");
    first.reply(401, json.status(401, "Unauthorized"));
    const second = await server.next();
    expect(second.headers["authorization"]).toBe("Bearer new");
    second.reply(401, json.status(401, "Unauthorized"));
    await expect(answer).rejects.toMatchObject({ code: "API_UNAUTHORIZED" });
    expect(server.seen).toHaveLength(2);
  });
});

describe("streams", () => {
  test("a reader that does not read stops the server, and reading on brings everything", async () => {
    await using it = await pair();
    const opening = it.client.stream(list);
    const request = await it.server.next();
    request.open("application/json");
    const { body } = await opening;
    const chunk = Buffer.alloc(1024 * 1024, "x");
    let sent = 0;
    // Kernel buffers take some MiB; after that nothing moves.
    while (request.pendingBytes < 8 * chunk.length) {
      request.write(chunk);
      sent += chunk.length;
      await turn();
    }
    request.end();
    let received = 0;
    for await (const part of body) received += part.length;
    expect(received).toBe(sent);
  });

  test("leaving the loop early closes the connection", async () => {
    await using it = await pair();
    const opening = it.client.stream(list);
    const request = await it.server.next();
    request.open("application/json");
    request.write("a");
    for await (const chunk of (await opening).body) {
      expect(chunk.toString()).toBe("a");
      break;
    }
    await until(() => request.closed, "the connection to be closed");
  });

  test("a body that breaks off is an error, never an end", async () => {
    await using it = await pair();
    const opening = it.client.stream(list);
    const request = await it.server.next();
    request.open("application/json");
    request.write("abc");
    const { body } = await opening;
    const reading = textOf(body);
    await until(() => request.pendingBytes === 0);
    request.reset();
    await expect(reading).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
  });

  test("an aborted stream ends with the signal's reason, before and after its head", async () => {
    await using it = await pair();
    const early = new AbortController();
    const never = it.client.stream({ ...list, signal: early.signal });
    await it.server.next();
    const reason = new Error("enough");
    early.abort(reason);
    await expect(never).rejects.toBe(reason);
    const late = new AbortController();
    const opening = it.client.stream({ ...list, signal: late.signal });
    const request = await it.server.next();
    request.open("application/json");
    const { body } = await opening;
    const reading = textOf(body);
    late.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await until(() => request.closed, "the connection to be closed");
  });

  test("lists share a connection, a watch closes its own", async () => {
    await using it = await pair();
    const ports: number[] = [];
    for (const verb of ["list", "list", "watch"] as const) {
      const opening = it.client.stream({ ...list, verb });
      const request = await it.server.next();
      ports.push(request.clientPort);
      expect(request.headers["connection"]).toBe(verb === "watch" ? "close" : "keep-alive");
      request.json({});
      await textOf((await opening).body);
      // undici takes a connection back one turn of the event loop after the end of its body.
      await turn();
    }
    expect(ports[1]).toBe(ports[0]);
  });

  test("gzip is asked for only where wanted, and many members are one body", async () => {
    await using it = await pair({ acceptGzip: true });
    const opening = it.client.stream(list);
    const request = await it.server.next();
    expect(request.headers["accept-encoding"]).toBe("gzip");
    request.open("application/json", { "content-encoding": "gzip" });
    const { body } = await opening;
    request.write(gzipSync("one,"), gzipSync("two"));
    request.end();
    expect(await textOf(body)).toBe("one,two");
  });

  test("a compressed body that breaks off is an error", async () => {
    await using it = await pair({ acceptGzip: true });
    const opening = it.client.stream(list);
    const request = await it.server.next();
    request.open("application/json", { "content-encoding": "gzip" });
    const { body } = await opening;
    request.write(gzipSync("x".repeat(1000)).subarray(0, 20));
    request.end();
    await expect(textOf(body)).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
  });
});

describe("connections", () => {
  test("a refused connection is an error with the system's code and the request", async () => {
    const server = await ScriptedServer.start();
    await server[Symbol.asyncDispose]();
    await using client = new ApiClient({ cluster: clusterAt(server.url) });
    await expect(client.getJson("/api/v1/pods", { limit: 1 })).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      context: { errorCode: "ECONNREFUSED" },
      message: expect.stringMatching(/^GET \/api\/v1\/pods got no answer: .*ECONNREFUSED/),
    });
  });

  test("a kept connection that closes under a new GET costs one more try", async () => {
    await using it = await pair();
    const first = it.client.getJson("/a");
    (await it.server.next()).json({});
    await first;
    const second = it.client.getJson("/b");
    (await it.server.next()).reset();
    (await it.server.next()).json({ ok: 1 });
    expect(await second).toEqual({ ok: 1 });
  });

  test("a request that changes something is never sent twice", async () => {
    await using it = await pair();
    const first = it.client.getJson("/a");
    (await it.server.next()).json({});
    await first;
    const second = it.client.send("POST", "/b", { body: {} });
    (await it.server.next()).reset();
    await expect(second).rejects.toMatchObject({ code: "API_UNREACHABLE" });
    expect(it.server.seen).toHaveLength(2);
  });

  test("a closed client answers nothing any more and cuts what runs", async () => {
    await using it = await pair();
    const opening = it.client.stream(list);
    const request = await it.server.next();
    request.open("application/json");
    const reading = textOf((await opening).body);
    reading.catch(() => undefined);
    await it.client.close();
    await expect(reading).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
    await expect(it.client.getJson("/")).rejects.toMatchObject({ code: "API_UNREACHABLE" });
  });
});

test("every request is measured by verb, resource and outcome, every warning told once", async () => {
  const measures: RequestMeasure[] = [];
  const warnings: string[] = [];
  await using it = await pair({
    onRequest: (measure) => measures.push(measure),
    onWarning: (text) => warnings.push(text),
  });
  const warning = { warning: '299 - "v1 Endpoints is deprecated"' };
  const paths = ["/api/v1/namespaces/x/pods", "/api/v1/namespaces/x", "/apis/g/v1/leases"];
  for (const path of paths) {
    const answer = it.client.getJson(path);
    (await it.server.next()).reply(200, "{}", warning);
    await answer;
  }
  const refused = it.client.send("DELETE", "/apis/g/v1/namespaces/x/leases/a");
  (await it.server.next()).reply(403, json.status(403, "Forbidden"));
  await expect(refused).rejects.toThrow("403");
  const lost = it.client.send("PUT", "/version");
  (await it.server.next()).reset();
  await expect(lost).rejects.toThrow("/version");
  expect(measures.map(({ verb, resource, code }) => [verb, resource, code])).toEqual([
    ["get", "pods", "200"],
    ["get", "namespaces", "200"],
    ["get", "leases", "200"],
    ["delete", "leases", "403"],
    ["update", "version", expect.stringMatching(/^(ECONNRESET|UND_ERR_SOCKET)$/)],
  ]);
  expect(measures.every(({ seconds }) => seconds >= 0)).toBe(true);
  expect(warnings).toEqual([warning.warning]);
});
