import { createLogger, createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { hash } from "@node-rs/bcrypt";
import { mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { BasicAuth } from "./basic-auth.ts";
import { healthRoutes } from "./health.ts";
import { listen, type Listener } from "./listen.ts";
import { TokenBucket } from "./rate-limit.ts";
import { secure } from "./security.ts";

let folder: string;
let aliceHash: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "web-config-"));
  aliceHash = await hash("open:sesame", { cost: 4 });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close(0);
});

let files = 0;

async function start(text: string) {
  const file = join(folder, `${++files}.yaml`);
  await writeFile(file, text);
  const lines: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "info",
    destination: { write: (line: string) => void lines.push(line) },
  });
  const telemetry = createTelemetry();
  const security = await secure({
    webConfigFile: file,
    logger,
    metrics: referenceMetrics(telemetry),
  });
  const app = createApp();
  healthRoutes(app);
  const serve = async () => {
    const listener = await listen({ app, host: "127.0.0.1", port: 0, security });
    listeners.push(listener);
    return listener.url;
  };
  return { url: await serve(), serve, file, lines, telemetry };
}

function basic(user: string, password: string): { headers: Record<string, string> } {
  return { headers: { Authorization: `Basic ${btoa(`${user}:${password}`)}` } };
}

async function status(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(`${url}/healthz`, init);
  await response.text();
  return response.status;
}

test("a user with the right password gets in, probes included; everybody else gets 401", async () => {
  const { url } = await start(`basic_auth_users: {alice: ${aliceHash}}`);
  expect(await status(url, basic("alice", "open:sesame"))).toBe(200);
  const refused = await fetch(`${url}/healthz`);
  expect(await refused.text()).toBe("Unauthorized\n");
  expect(refused.status).toBe(401);
  expect(refused.headers.get("www-authenticate")).toBe("Basic");
  expect(refused.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(refused.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await status(url, basic("alice", "open"))).toBe(401);
  expect(await status(url, basic("alice", ""))).toBe(401);
  expect(await status(url, basic("bob", "open:sesame"))).toBe(401);
  for (const header of [
    "Basic",
    "Basic !",
    `Basic ${btoa("alice")}`,
    `Bearer ${btoa("alice:open:sesame")}`,
  ])
    expect(await status(url, { headers: { Authorization: header } })).toBe(401);
});

test("the scheme is read in any case", async () => {
  const { url } = await start(`basic_auth_users: {alice: ${aliceHash}}`);
  const headers = { Authorization: `bAsIc ${btoa("alice:open:sesame")}` };
  expect(await status(url, { headers })).toBe(200);
});

test("a changed user list counts from the next request, also for a password that was right before", async () => {
  const { url, file } = await start(`basic_auth_users: {alice: ${aliceHash}}`);
  expect(await status(url, basic("alice", "open:sesame"))).toBe(200);
  await writeFile(file, `basic_auth_users: {bob: ${aliceHash}}`);
  expect(await status(url, basic("alice", "open:sesame"))).toBe(401);
  expect(await status(url, basic("bob", "open:sesame"))).toBe(200);
});

test.each(["", "basic_auth_users: {", "basic_auth_users: {alice: x}", "unknown: 1"])(
  "a file that has become %j changes nothing, is logged once and shows in a metric",
  async (text) => {
    const { url, file, lines, telemetry } = await start(`basic_auth_users: {alice: ${aliceHash}}`);
    await writeFile(file, text);
    expect(await status(url)).toBe(401);
    expect(await status(url, basic("alice", "open:sesame"))).toBe(200);
    expect(lines).toEqual([
      expect.stringMatching(/ERROR a changed web configuration is not used; /),
    ]);
    const labels = `{filename="${file}",type="webconfig"}`;
    const successful = `kube_state_metrics_last_config_reload_successful${labels}`;
    expect(await telemetry.text()).toContain(`${successful} 0`);
    await writeFile(file, `basic_auth_users: {bob: ${aliceHash}}`);
    expect(await status(url, basic("bob", "open:sesame"))).toBe(200);
    expect(await telemetry.text()).toContain(`${successful} 1`);
  },
);

test("a file that is gone changes nothing, and counts again when it is back", async () => {
  const { url, file, lines } = await start(`basic_auth_users: {alice: ${aliceHash}}`);
  await rm(file);
  expect(await status(url)).toBe(401);
  expect(lines.join("")).toMatch(/cannot be read/);
  await writeFile(file, `basic_auth_users: {bob: ${aliceHash}}`);
  expect(await status(url, basic("bob", "open:sesame"))).toBe(200);
});

test("a swapped symbolic link, as of a mounted ConfigMap, is a change", async () => {
  const link = join(folder, "linked.yaml");
  for (const [name, user] of [
    ["first", "alice"],
    ["second", "bob"],
  ])
    await writeFile(join(folder, `${name}.target`), `basic_auth_users: {${user}: ${aliceHash}}`);
  await symlink("first.target", link);
  const security = await secure({ webConfigFile: link });
  const app = createApp();
  healthRoutes(app);
  const listener = await listen({ app, host: "127.0.0.1", port: 0, security });
  listeners.push(listener);
  expect(await status(listener.url, basic("alice", "open:sesame"))).toBe(200);
  await symlink("second.target", `${link}.new`);
  await rename(`${link}.new`, link);
  expect(await status(listener.url, basic("alice", "open:sesame"))).toBe(401);
  expect(await status(listener.url, basic("bob", "open:sesame"))).toBe(200);
});

test("the headers are on every answer: found, not found, redirected and refused", async () => {
  const { url, file } = await start("http_server_config: {headers: {X-Frame-Options: deny}}");
  for (const path of ["/healthz", "/nowhere", "//healthz"]) {
    const response = await fetch(url + path, { redirect: "manual" });
    expect(response.headers.get("x-frame-options")).toBe("deny");
  }
  await writeFile(
    file,
    `http_server_config: {headers: {X-Frame-Options: sameorigin}}\nbasic_auth_users: {a: ${aliceHash}}`,
  );
  const refused = await fetch(`${url}/healthz`);
  expect([refused.status, refused.headers.get("x-frame-options")]).toEqual([401, "sameorigin"]);
});

test("an empty bucket is 429 before anybody is asked who they are, for each server on its own", async () => {
  const text = `rate_limit: {interval: 1h, burst: 2}\nbasic_auth_users: {alice: ${aliceHash}}`;
  const { url, serve } = await start(text);
  expect(await status(url)).toBe(401);
  expect(await status(url, basic("alice", "open:sesame"))).toBe(200);
  const limited = await fetch(`${url}/healthz`, basic("alice", "open:sesame"));
  expect([limited.status, await limited.text()]).toEqual([429, "Too Many Requests\n"]);
  expect(await status(await serve(), basic("alice", "open:sesame"))).toBe(200);
});

test("a bucket fills by one token each interval up to its burst", () => {
  let now = 0;
  const bucket = new TokenBucket({ interval: 100, burst: 2 }, () => now);
  const taken = () => [bucket.take(), bucket.take(), bucket.take()];
  expect(taken()).toEqual([true, true, false]);
  now += 99;
  expect(bucket.take()).toBe(false);
  now += 1;
  expect([bucket.take(), bucket.take()]).toEqual([true, false]);
  now += 100_000;
  expect(taken()).toEqual([true, true, false]);
  expect(new TokenBucket({ interval: 100, burst: 0 }, () => now).take()).toBe(false);
});

test("an unknown user costs as much as a known one, and a second time nothing", async () => {
  const users = new Map([["alice", await hash("right", { cost: 10 })]]);
  const auth = new BasicAuth();
  const timed = async (user: string, password: string) => {
    const began = performance.now();
    await auth.allows(`Basic ${btoa(`${user}:${password}`)}`, users);
    return performance.now() - began;
  };
  const known = await timed("alice", "wrong");
  const unknown = await timed("mallory", "wrong");
  expect(unknown).toBeGreaterThan(known / 5);
  expect(await timed("mallory", "wrong")).toBeLessThan(unknown / 5);
});

test("the same question asked at once is compared once, and all get its answer", async () => {
  const users = new Map([["alice", aliceHash]]);
  const auth = new BasicAuth();
  const header = basic("alice", "open:sesame").headers["Authorization"];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      auth.allows(index % 2 === 0 ? header : "Basic YWxpY2U6bm8=", users),
    ),
  );
  expect(answers).toEqual(Array.from({ length: 50 }, (_, index) => index % 2 === 0));
});

test("a file that cannot be used at the start is an error that names it", async () => {
  const missing = join(folder, "missing.yaml");
  await expect(secure({ webConfigFile: missing })).rejects.toMatchObject({
    code: "WEB_CONFIG_UNREADABLE",
    message: expect.stringContaining(missing),
  });
  const file = join(folder, "invalid.yaml");
  await writeFile(file, "tls_server_config: {cert_file: no.crt, key_file: no.key}");
  await expect(secure({ webConfigFile: file })).rejects.toMatchObject({
    code: "WEB_CONFIG_UNREADABLE",
    message: expect.stringContaining(join(folder, "no.crt")),
  });
  await writeFile(file, "tls_server_config: {cert: nonsense, key: nonsense}");
  await expect(secure({ webConfigFile: file })).rejects.toMatchObject({
    code: "WEB_CONFIG_INVALID",
    message: expect.stringContaining("tls_server_config.cert: "),
  });
});
