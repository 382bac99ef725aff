import { createTelemetry, referenceMetrics, scrapeMetrics } from "@kube-state-mosaic/telemetry";
import { Readable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { listen, type Listener, type Timeouts } from "./listen.ts";
import {
  metricsRoute,
  type MetricsAnswer,
  type MetricsRequest,
  type MetricsRouteOptions,
} from "./metrics-route.ts";
import { selects } from "./resource-filter.ts";

const exposition = "# HELP m M.\n# TYPE m gauge\nm 1\n";
const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close(0);
});

function whole(text: string): MetricsAnswer {
  return {
    status: 200,
    headers: { "X-Mosaic-Shard": "1" },
    body: {
      identity: () => Readable.from([Buffer.from(text)]),
      gzip: () => Readable.from([gzipSync(text)]),
    },
  };
}

function appOf(options: Partial<MetricsRouteOptions>) {
  const app = createApp();
  app.all("/metrics", metricsRoute({ source: () => whole(exposition), gzip: true, ...options }));
  return app;
}

async function serve(options: Partial<MetricsRouteOptions>, timeouts: Timeouts = {}) {
  const listener = await listen({ app: appOf(options), host: "127.0.0.1", port: 0, timeouts });
  listeners.push(listener);
  return `${listener.url}/metrics`;
}

/** Text without end, and how many bytes of it were asked for. */
function endless() {
  const chunk = Buffer.alloc(65_536, "m 1\n");
  const stream = new Readable({
    read() {
      produced.bytes += chunk.length;
      this.push(chunk);
    },
  });
  const produced = { bytes: 0, stream };
  return produced;
}

test("the text format is the default, and the source's headers are sent", async () => {
  const response = await appOf({}).request("/metrics");
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
    "x-mosaic-shard": "1",
  });
  expect(await response.text()).toBe(exposition);
});

test("the source learns the negotiated format, and the answer says it", async () => {
  const formats: string[] = [];
  const source = ({ format }: MetricsRequest) => {
    formats.push(format);
    return whole(exposition);
  };
  const response = await appOf({ source }).request("/metrics", {
    headers: { Accept: "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4" },
  });
  expect(formats).toEqual(["openmetrics"]);
  expect(response.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
  );
});

test("a reader that accepts gzip gets gzip, if it is offered at all", async () => {
  const headers = { "Accept-Encoding": "deflate, gzip;q=0.5" };
  const offered = await appOf({ gzip: true }).request("/metrics", { headers });
  expect(offered.headers.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(await offered.bytes()).toString()).toBe(exposition);
  const withheld = await appOf({ gzip: false }).request("/metrics", { headers });
  expect(withheld.headers.has("content-encoding")).toBe(false);
  expect(await withheld.text()).toBe(exposition);
});

test.each([
  ["", "pods services"],
  ["?resources=pods", "pods"],
  ["?resources=pods,,,services", "pods services"],
  ["?resources=pods&resources=services", "pods services"],
  ["?resources=nonexistent", ""],
  ["?resources=", ""],
  ["?resources=,,,,", ""],
  ["?exclude_resources=pods", "services"],
  ["?exclude_resources=,,,,", "pods services"],
  ["?resources=pods,services&exclude_resources=pods", "services"],
  ["?exclude_resources=pods,,,services", ""],
  ["?resources=%20pods%20", "pods"],
  ["?resource=pods", "pods services"],
])("the query %s selects [%s]", async (query, expected) => {
  const source = (request: MetricsRequest) =>
    whole(["pods", "services"].filter((name) => selects(request, name)).join(" "));
  const response = await appOf({ source }).request(`/metrics${query}`);
  expect(await response.text()).toBe(expected);
});

test("a message instead of an exposition is plain text with its status, never compressed", async () => {
  const source = () => ({
    status: 503,
    headers: { "Retry-After": "5" },
    body: "waiting for pods\n",
  });
  const response = await appOf({ source }).request("/metrics", {
    headers: { "Accept-Encoding": "gzip" },
  });
  expect(response.status).toBe(503);
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "text/plain; charset=utf-8",
    "retry-after": "5",
  });
  expect(await response.text()).toBe("waiting for pods\n");
});

test("HEAD gets the headers of GET and starts no body", async () => {
  const refuse = () => {
    throw new Error("no body is wanted");
  };
  const source = () => ({ ...whole(""), body: { identity: refuse, gzip: refuse } });
  const response = await fetch(await serve({ source }), { method: "HEAD" });
  expect(response.status).toBe(200);
  expect(response.headers.get("x-mosaic-shard")).toBe("1");
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(await response.text()).toBe("");
});

test("a source that fails is answered with 500", async () => {
  const source = () => {
    throw new Error("broken");
  };
  const response = await appOf({ source }).request("/metrics");
  expect([response.status, await response.text()]).toEqual([500, "Internal Server Error\n"]);
});

test("over a socket, bytes and durations are counted by encoding and method", async () => {
  const telemetry = createTelemetry();
  const scrape = scrapeMetrics(telemetry);
  const { requestDuration } = referenceMetrics(telemetry);
  const url = await serve({ scrape, requestDuration });
  expect(await (await fetch(url, { headers: { "Accept-Encoding": "identity" } })).text()).toBe(
    exposition,
  );
  expect(await (await fetch(url, { headers: { "Accept-Encoding": "gzip" } })).text()).toBe(
    exposition,
  );
  await fetch(url, { method: "POST" }).then((response) => response.text());
  const gzipBytes = gzipSync(exposition).length * 2;
  const counted = (await telemetry.text())
    .split("\n")
    .filter((line) => /(_count|bytes_total)\{/.test(line));
  expect(counted).toEqual([
    'http_request_duration_seconds_count{handler="metrics",method="get"} 2',
    'http_request_duration_seconds_count{handler="metrics",method="post"} 1',
    `kube_state_mosaic_scrape_bytes_total{encoding="gzip"} ${gzipBytes}`,
    `kube_state_mosaic_scrape_bytes_total{encoding="identity"} ${exposition.length}`,
    'kube_state_mosaic_scrape_duration_seconds_count{encoding="gzip"} 2',
    'kube_state_mosaic_scrape_duration_seconds_count{encoding="identity"} 1',
  ]);
});

test("a reader that stalls is cut, and has cost no more than what the socket buffers", async () => {
  const telemetry = createTelemetry();
  const produced = endless();
  const closed = new Promise((resolve) => produced.stream.once("close", resolve));
  const source = () => ({ ...whole(""), body: { identity: () => produced.stream, gzip: refused } });
  const url = await serve(
    { source, gzip: false, scrape: scrapeMetrics(telemetry) },
    { write: 150 },
  );
  const response = await fetch(url);
  await closed;
  expect(produced.bytes).toBeLessThan(32 * 1024 * 1024);
  await expect(response.arrayBuffer()).rejects.toThrow("terminated");
  await expect.poll(() => telemetry.text()).toMatch(/aborted_total\{reason="stalled"\} 1/);
});

test("when the reader goes away, the body is destroyed and the source's signal aborts", async () => {
  const telemetry = createTelemetry();
  const produced = endless();
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const source = ({ signal }: MetricsRequest) => {
    signal.addEventListener("abort", () => resolve());
    return { ...whole(""), body: { identity: () => produced.stream, gzip: refused } };
  };
  const url = await serve({ source, gzip: false, scrape: scrapeMetrics(telemetry) });
  const reader = new AbortController();
  await fetch(url, { signal: reader.signal });
  reader.abort();
  await aborted;
  await expect.poll(() => produced.stream.destroyed).toBe(true);
  await expect.poll(() => telemetry.text()).toMatch(/aborted_total\{reason="closed"\} 1/);
});

test("a body that fails half-way breaks the connection instead of looking whole", async () => {
  const telemetry = createTelemetry();
  const source = () => ({
    ...whole(""),
    body: {
      identity: () =>
        Readable.from(
          (function* () {
            yield exposition;
            throw new Error("broken block");
          })(),
        ),
      gzip: refused,
    },
  });
  const url = await serve({ source, gzip: false, scrape: scrapeMetrics(telemetry) });
  const read = fetch(url).then((response) => response.text());
  await expect(read).rejects.toThrow("terminated");
  await expect.poll(() => telemetry.text()).toMatch(/aborted_total\{reason="failed"\} 1/);
});

function refused(): Readable {
  throw new Error("gzip was not asked for");
}

test("gzip;q=0 is gzip as the reference reads it, and none strictly", async () => {
  const headers = { "Accept-Encoding": "gzip;q=0" };
  const encoding = async (strictAccept: boolean) =>
    (await appOf({ strictAccept }).request("/metrics", { headers })).headers.get(
      "content-encoding",
    );
  expect(await encoding(false)).toBe("gzip");
  expect(await encoding(true)).toBeNull();
});
