import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { AuthFilter } from "./auth-filter.ts";
import { healthRoutes } from "./health.ts";
import { landingRoute } from "./landing-page.ts";
import { listen, type Listener } from "./listen.ts";
import type { ReviewClient } from "./reviews.ts";

type Spec = Readonly<Record<string, unknown>>;

interface Scripted {
  readonly token?: (token: string, call: number) => unknown;
  readonly access?: (spec: Spec, call: number) => unknown;
}

const scraper = {
  username: "system:serviceaccount:monitoring:prometheus",
  uid: "u1",
  groups: ["g"],
};

/** An API server that answers as told and remembers what it was asked; time is only what the test says. */
function scripted({ token, access }: Scripted = {}) {
  const asked = { paths: new Set<string>(), tokens: [] as string[], access: [] as Spec[] };
  const time = { now: 0, pauses: [] as number[] };
  const client: ReviewClient = {
    send: async (_method, path, { body }) => {
      const { kind, spec } = body as { kind: string; spec: Spec };
      asked.paths.add(path);
      if (kind === "TokenReview") {
        asked.tokens.push(spec["token"] as string);
        const status = { authenticated: spec["token"] === "right", user: scraper };
        return { status: token?.(spec["token"] as string, asked.tokens.length) ?? status };
      }
      asked.access.push(spec);
      return { status: access?.(spec, asked.access.length) ?? { allowed: true } };
    },
  };
  const filter = new AuthFilter({
    client,
    time: {
      now: () => time.now,
      random: () => 0.5,
      delay: async (milliseconds) => {
        time.pauses.push(Math.round(milliseconds));
        time.now += milliseconds;
      },
    },
  });
  const ask = (authorization: string | undefined, path = "/metrics", method = "GET") =>
    filter.refusal({ authorization, path, method });
  return { ask, asked, time, filter };
}

test("the right token with the right to read gets in, and the API server is asked as documented", async () => {
  const { ask, asked } = scripted();
  expect(await ask("Bearer right")).toBeUndefined();
  expect(asked).toEqual({
    paths: new Set([
      "/apis/authentication.k8s.io/v1/tokenreviews",
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    ]),
    tokens: ["right"],
    access: [
      {
        user: scraper.username,
        uid: "u1",
        groups: ["g", "system:authenticated"],
        extra: {},
        nonResourceAttributes: { path: "/metrics", verb: "get" },
      },
    ],
  });
});

test.each([
  [["system:unauthenticated"], "x", ["system:unauthenticated"]],
  [["system:authenticated"], "x", ["system:authenticated"]],
  [undefined, "system:anonymous", []],
  [undefined, "x", ["system:authenticated"]],
])("the groups %j of %s are asked for as %j", async (groups, username, expected) => {
  const user = { username, ...(groups && { groups }) };
  const { ask, asked } = scripted({ token: () => ({ authenticated: true, user }) });
  await ask("Bearer right");
  expect(asked.access[0]?.["groups"]).toEqual(expected);
});

test.each([
  undefined,
  "",
  "Bearer",
  "Bearer ",
  "Bearer  right",
  "Basic right",
  "right",
  "Bearerright",
])("%j brings no token: 401, and nobody is asked", async (header) => {
  const { ask, asked } = scripted();
  expect(await ask(header)).toEqual({ status: 401, text: "Unauthorized" });
  expect(asked.paths.size).toBe(0);
});

test.each(["bearer right", "BEARER right", "  Bearer right  ", "Bearer right more"])(
  "%j brings the token",
  async (header) => {
    expect(await scripted().ask(header)).toBeUndefined();
  },
);

test("a wrong token is 500, as of the reference", async () => {
  expect(await scripted().ask("Bearer wrong")).toEqual({
    status: 500,
    text: "Authentication failed",
  });
});

test("somebody without the right is 403 with their name", async () => {
  const { ask } = scripted({ access: () => ({ allowed: false }) });
  expect(await ask("Bearer right")).toEqual({
    status: 403,
    text: `Authorization denied for user ${scraper.username}`,
  });
});

test.each([
  ["a token review that fails", { token: fail({ httpStatus: 403 }) }, "Authentication failed"],
  ["a token review without a status", { token: () => "" }, "Authentication failed"],
  [
    "an access review that fails",
    { access: fail({ httpStatus: 403 }) },
    `Authorization for user ${scraper.username} failed`,
  ],
  [
    "an access review without a status",
    { access: () => 7 },
    `Authorization for user ${scraper.username} failed`,
  ],
])("%s is 500: nobody gets in", async (_what, script, text) => {
  expect(await scripted(script).ask("Bearer right")).toEqual({ status: 500, text });
});

test.each([{ allowed: "true" }, { allowed: true, denied: true }, {}])(
  "the access status %j is no permission",
  async (status) => {
    expect(await scripted({ access: () => status }).ask("Bearer right")).toMatchObject({
      status: 403,
    });
  },
);

test("without an API server to ask nobody gets in", async () => {
  const filter = new AuthFilter({ client: undefined });
  const request = { path: "/metrics", method: "GET", authorization: "Bearer right" };
  expect(await filter.refusal(request)).toEqual({ status: 503, text: "auth filter unavailable" });
});

test("passing failures are tried again, five times in all, with growing pauses", async () => {
  const { ask, asked, time } = scripted({ token: fail({ code: "API_UNREACHABLE" }) });
  expect(await ask("Bearer right")).toMatchObject({ status: 500 });
  expect(asked.tokens).toHaveLength(5);
  expect(time.pauses).toEqual([550, 825, 1238, 1856]);
});

test.each([
  { httpStatus: 429 },
  { httpStatus: 500 },
  { httpStatus: 504 },
  { httpStatus: 503, retryAfterSeconds: 1 },
])("a second attempt after %j can succeed", async (failure) => {
  const { ask } = scripted({
    access: (_spec, call) => (call === 1 ? fail(failure)() : { allowed: true }),
  });
  expect(await ask("Bearer right")).toBeUndefined();
});

test("a lasting failure is not tried again, and one that takes too long is given up", async () => {
  const lasting = scripted({ token: fail({ httpStatus: 403 }) });
  await lasting.ask("Bearer right");
  expect(lasting.asked.tokens).toHaveLength(1);
  const slow = scripted({ token: fail({ httpStatus: 429, retryAfterSeconds: 8 }) });
  await slow.ask("Bearer right");
  expect(slow.asked.tokens).toHaveLength(2);
});

test("tokens are known for a minute, whether right or wrong", async () => {
  const { ask, asked, time } = scripted();
  for (const token of ["right", "wrong"]) await ask(`Bearer ${token}`);
  time.now += 59_999;
  for (const token of ["right", "wrong"]) await ask(`Bearer ${token}`);
  expect(asked.tokens).toEqual(["right", "wrong"]);
  time.now += 1;
  for (const token of ["right", "wrong"]) await ask(`Bearer ${token}`);
  expect(asked.tokens).toEqual(["right", "wrong", "right", "wrong"]);
});

test("a token refused with words, or whose review failed, is asked for again", async () => {
  const worded = scripted({ token: () => ({ authenticated: false, error: "not yet valid" }) });
  const failed = scripted({ token: fail({ httpStatus: 403 }) });
  for (const { ask, asked } of [worded, failed]) {
    for (let count = 0; count < 2; count++) await ask("Bearer right");
    expect(asked.tokens).toHaveLength(2);
  }
});

test("permissions are known for five minutes, refusals for thirty seconds", async () => {
  let allowed = true;
  const { ask, asked, time } = scripted({ access: () => ({ allowed }) });
  await ask("Bearer right");
  allowed = false;
  time.now += 299_999;
  expect(await ask("Bearer right")).toBeUndefined();
  time.now += 1;
  expect(await ask("Bearer right")).toMatchObject({ status: 403 });
  allowed = true;
  time.now += 29_999;
  expect(await ask("Bearer right")).toMatchObject({ status: 403 });
  time.now += 1;
  expect(await ask("Bearer right")).toBeUndefined();
  expect(asked.access).toHaveLength(3);
});

test("each path and verb is a permission of its own; overlong ones are asked each time", async () => {
  const { ask, asked } = scripted();
  for (const [path, method] of [
    ["/metrics", "GET"],
    ["/metrics", "POST"],
    ["/debug/pprof/", "GET"],
  ])
    await ask("Bearer right", path, method);
  expect(asked.access.map((spec) => spec["nonResourceAttributes"])).toEqual([
    { path: "/metrics", verb: "get" },
    { path: "/metrics", verb: "post" },
    { path: "/debug/pprof/", verb: "get" },
  ]);
  const long = `/${"x".repeat(9_996)}`;
  for (let count = 0; count < 2; count++) await ask("Bearer right", long);
  expect(asked.access).toHaveLength(5);
});

test("many requests at once with one token are one question", async () => {
  const { ask, asked } = scripted();
  const refusals = await Promise.all(Array.from({ length: 100 }, () => ask("Bearer right")));
  expect(refusals).toEqual(Array.from({ length: 100 }, () => undefined));
  expect([asked.tokens.length, asked.access.length]).toEqual([1, 1]);
});

test("no more than 8,192 tokens are remembered, those not used for longest go", async () => {
  const { ask, asked } = scripted();
  await ask("Bearer right");
  for (let count = 0; count < 8_191; count++) await ask(`Bearer wrong-${count}`);
  await ask("Bearer right");
  await ask("Bearer one-more");
  await ask("Bearer right");
  expect(asked.tokens.filter((token) => token === "right")).toHaveLength(1);
  await ask("Bearer wrong-0");
  expect(asked.tokens.filter((token) => token === "wrong-0")).toHaveLength(2);
});

function fail(facts: object): () => never {
  return () => {
    throw Object.assign(new Error("refused"), facts);
  };
}

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close(0);
});

async function serve() {
  const { filter, asked } = scripted();
  const app = createApp();
  healthRoutes(app);
  const version = { version: "v", branch: "b", revision: "r" };
  landingRoute(app, { title: "t", description: "d", version, links: [] });
  for (const path of ["/metrics", "/blocks", "/debug/pprof/heap"])
    app.all(path, (context) => context.text("secret"));
  const security = { webConfig: undefined, authFilter: filter };
  const listener = await listen({ app, host: "127.0.0.1", port: 0, security });
  listeners.push(listener);
  return { port: listener.port, asked };
}

/** The bytes of an answer to a request line that no client would send. */
async function raw(port: number, line: string, header = ""): Promise<string> {
  const socket = connect(port, "127.0.0.1", () =>
    socket.write(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${header}\r\n`),
  );
  let answer = "";
  socket.setEncoding("latin1").on("data", (text) => (answer += text));
  await once(socket, "close");
  return answer;
}

test.each([
  ["GET /metrics", 401],
  ["HEAD /metrics", 401],
  ["POST /metrics", 401],
  ["PROPFIND /metrics", 401],
  ["GET /metrics?", 401],
  ["GET /metrics?resources=pods", 401],
  ["GET /%6detrics", 401],
  ["GET /%6D%65trics?a", 401],
  ["GET http://localhost/metrics", 401],
  ["GET http://localhost/%6detrics", 401],
  ["GET /blocks", 401],
  ["GET /debug/pprof/heap", 401],
  ["GET //metrics", 301],
  ["GET /./metrics", 301],
  ["GET /healthz/../metrics", 301],
  ["GET /healthz/..//metrics", 301],
  ["GET http://localhost//metrics", 301],
  ["GET /%2e/metrics", 404],
  ["GET /healthz/%2e%2e/metrics", 404],
  ["GET /healthz%2f..%2fmetrics", 404],
  ["GET /%2fmetrics", 404],
  ["GET /metrics/", 404],
  ["GET /metrics%00", 404],
  ["GET /metrics%20", 404],
  ["GET /metrics;a", 404],
  ["GET /METRICS", 404],
  ["GET /%256detrics", 404],
  ["GET \\metrics", 400],
  ["GET /%metrics", 400],
  ["GET /", 200],
  ["GET /healthz", 200],
  ["GET /livez?/metrics", 200],
])("without a token, %s is %d and shows nothing", async (line, status) => {
  const { port, asked } = await serve();
  const answer = await raw(port, line);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).not.toContain("secret");
  expect(asked.tokens).toEqual([]);
});

test("a cleaned path is where the redirect leads, with its query", async () => {
  const { port } = await serve();
  const answer = await raw(port, "GET //metrics?resources=pods&a=%20");
  expect(answer).toMatch(/\r\nLocation: \/metrics\?resources=pods&a=%20\r\n/i);
  expect(answer).toContain(
    '<a href="/metrics?resources=pods&#38;a=%20">Moved Permanently</a>.\n\n',
  );
});

test("with the right token every spelling of a path is asked for in one form", async () => {
  const { port, asked } = await serve();
  for (const target of ["/metrics", "/%6detrics", "http://localhost/metrics?a=b"])
    expect(await raw(port, `GET ${target}`, "Authorization: Bearer right\r\n")).toContain("secret");
  expect(asked.access).toHaveLength(1);
});

test("a refusal is plain text that nobody sniffs", async () => {
  const { port } = await serve();
  const answer = await raw(port, "GET /metrics", "Authorization: Bearer wrong\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  expect(answer).toMatch(/\r\nContent-Type: text\/plain; charset=utf-8\r\n/i);
  expect(answer).toMatch(/\r\nX-Content-Type-Options: nosniff\r\n/i);
  expect(answer).toMatch(/\r\n\r\nAuthentication failed\n$/);
});
