import { createLogger, createTelemetry } from "@kube-state-mosaic/telemetry";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createApp } from "./app.ts";
import { healthRoutes } from "./health.ts";
import { landingPage } from "./landing-page.ts";
import { telemetryApp } from "./telemetry-app.ts";

const page = {
  title: "ferry",
  description: "Tells <about> ferries & piers.",
  version: { version: "v1.2.3", branch: "main", revision: "abc" },
  links: [{ path: "/metrics", text: "Metrics" }],
};

function telemetry(waiting: string[] = []) {
  const registry = createTelemetry();
  registry.gauge({ name: "a", help: "A." }).set(1);
  registry.gauge({ name: "b", help: "B." }).set(2);
  const readiness = () => ({ ready: waiting.length === 0, waiting });
  return { registry, app: telemetryApp({ telemetry: registry, readiness, page }) };
}

test.each(["/healthz", "/livez"])("%s is 200 OK with any method", async (path) => {
  const app = createApp();
  healthRoutes(app);
  for (const method of ["GET", "POST", "DELETE"]) {
    const response = await app.request(path, { method });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("OK");
  }
});

test.each(["/healthz/", "/Healthz", "/unknown", "/"])("%s is not found", async (path) => {
  const app = createApp();
  healthRoutes(app);
  const response = await app.request(path);
  expect(response.status).toBe(404);
  expect(await response.text()).toBe("404 page not found\n");
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
});

test("a handler that throws is answered with 500 and logged in one line", async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const app = createApp(createLogger({ format: "text", level: "info", destination }));
  app.get("/broken", () => {
    throw new Error("a secret detail");
  });
  const response = await app.request("/broken");
  expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
  expect(lines).toEqual([
    expect.stringMatching(/ERROR .* path=\/broken error="a secret detail"\n$/),
  ]);
});

test("/readyz is 503 and names what is waited for, then 200", async () => {
  const waiting = ["pods", "nodes"];
  const { app } = telemetry(waiting);
  const before = await app.request("/readyz");
  expect([before.status, await before.text()]).toEqual([
    503,
    "Service Unavailable: waiting for pods, nodes",
  ]);
  waiting.length = 0;
  const after = await app.request("/readyz");
  expect([after.status, await after.text()]).toEqual([200, "OK"]);
});

test("the self metrics are text with an escaping parameter, whatever OpenMetrics clause there is", async () => {
  const response = await telemetry().app.request("/metrics", {
    headers: { Accept: "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8" },
  });
  expect(response.headers.get("content-type")).toBe(
    "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8",
  );
  expect(await response.text()).toBe(
    "# HELP a A.\n# TYPE a gauge\na 1\n# HELP b B.\n# TYPE b gauge\nb 2\n",
  );
});

test("name[] selects families of the self metrics", async () => {
  const { app } = telemetry();
  const only = await app.request("/metrics?name[]=b&name[]=unknown");
  expect(await only.text()).toBe("# HELP b B.\n# TYPE b gauge\nb 2\n");
  expect(await (await app.request("/metrics?name%5B%5D=unknown")).text()).toBe("");
});

test("the self metrics are compressed where gzip outweighs identity", async () => {
  const { app } = telemetry();
  const gzip = await app.request("/metrics", { headers: { "Accept-Encoding": "gzip" } });
  expect(gzip.headers.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(await gzip.bytes()).toString()).toMatch(/^a 1$/m);
  const identity = await app.request("/metrics", { headers: { "Accept-Encoding": "gzip;q=0" } });
  expect(identity.headers.has("content-encoding")).toBe(false);
});

test("self metrics that cannot be gathered are 500 with the reason", async () => {
  const { app, registry } = telemetry();
  registry.onCollect(() => {
    throw new Error("no pulse");
  });
  const response = await app.request("/metrics");
  expect(response.status).toBe(500);
  expect(await response.text()).toBe("The self metrics could not be gathered: no pulse\n");
});

test("the landing page shows title, version and links", async () => {
  const response = await telemetry().app.request("/");
  expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
  const html = await response.text();
  expect(html).toContain("<h1>ferry</h1>");
  expect(html).toContain("Version: (version=v1.2.3, branch=main, revision=abc)");
  expect(html).toContain('<a href="/metrics">Metrics</a>');
});

test("texts on the landing page are escaped", () => {
  const html = landingPage({ ...page, links: [{ path: '/"><script>', text: "<b>" }] });
  expect(html).toContain("Tells &lt;about&gt; ferries &amp; piers.");
  expect(html).toContain('<a href="/&quot;&gt;&lt;script&gt;">&lt;b&gt;</a>');
});
