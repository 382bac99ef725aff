import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ApiClient,
  loadCluster,
  type Authentication,
  type Cluster,
} from "@kube-state-mosaic/kubernetes";
import { createLogger, createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ReplaceableCluster } from "../src/reload-cluster.ts";
import { KubeconfigReload } from "../src/reload-kubeconfig.ts";
import { FileMetrics } from "../src/reload-metrics.ts";

let folder: string;
let server: Server;
let answer: RequestListener;
const ending = new AbortController().signal;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "reload-kubeconfig-"));
  answer = (_, response) => void response.end("{}");
  server = createServer((request, response) => answer(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Who requests come from is told by impersonation, which plain HTTP keeps. */
function write(user: string, address = url()): void {
  writeFileSync(
    join(folder, "kubeconfig"),
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: address } }],
      users: [{ name: "u", user: { as: user } }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
}

async function start() {
  const kubeconfig = join(folder, "kubeconfig");
  write("first");
  const cluster = new ReplaceableCluster(await loadCluster({ kubeconfig, environment: {} }));
  const telemetry = createTelemetry();
  const lines: string[] = [];
  const logger = createLogger({
    format: "text",
    level: "debug",
    destination: { write: (line) => lines.push(line) },
  });
  const reload = new KubeconfigReload({
    options: { kubeconfig, apiserver: "" },
    cluster,
    logger,
    metrics: new FileMetrics(referenceMetrics(telemetry), "kubeconfig"),
    retryMs: 1,
  });
  return {
    reload,
    cluster,
    lines,
    user: async () => (await cluster.authenticate()).headers["impersonate-user"],
    successful: async () =>
      /reload_successful\{.*type="kubeconfig".*\} (\d)/.exec(await telemetry.text())?.[1],
  };
}

test("new credentials are used by the next request once the server has accepted them, and running requests go on", async () => {
  const { reload, cluster, user, successful } = await start();
  const asked: (string | string[] | undefined)[] = [];
  const held = Promise.withResolvers<void>();
  answer = (request, response) => {
    asked.push(request.headers["impersonate-user"]);
    if (request.url === "/watch") void held.promise.then(() => response.end('{"whole":true}'));
    else response.end("{}");
  };
  await using client = new ApiClient({ cluster });
  const watch = client.getJson("/watch");
  await expect.poll(() => asked).toEqual(["first"]);
  write("second");
  await reload.changed(ending);
  expect(await user()).toBe("second");
  expect(await successful()).toBe("1");
  await client.getJson("/next");
  expect(asked).toEqual(["first", "second", "second"]);
  held.resolve();
  expect(await watch).toEqual({ whole: true });
});

test.each<[what: string, change: () => void, message: RegExp]>([
  ["credentials that the server refuses", () => refuse(), /ERROR .*not used.*401/],
  [
    "a text that is none",
    () => writeFileSync(join(folder, "kubeconfig"), "clusters: ["),
    /ERROR .*not used.*not YAML.*line 1/,
  ],
  [
    "another server",
    () => write("second", "http://127.0.0.1:1"),
    /ERROR .*another API server.*needs a restart.*inUse=.* named=http:\/\/127\.0\.0\.1:1/,
  ],
])("%s: the credentials before stay in use, and it shows", async (_, change, message) => {
  const { reload, user, lines, successful } = await start();
  change();
  await reload.changed(ending);
  expect(await user()).toBe("first");
  expect(lines).toEqual([expect.stringMatching(message)]);
  expect(await successful()).toBe("0");
  answer = (_request, response) => void response.end("{}");
  write("third");
  await reload.changed(ending);
  expect(await user()).toBe("third");
  expect(await successful()).toBe("1");
});

function refuse(): void {
  write("second");
  answer = (_, response) => void response.writeHead(401).end();
}

test("credentials that cannot be tried are tried until the server answers, or another change comes", async () => {
  const { reload, user, lines } = await start();
  let tried = 0;
  answer = (_, response) => void (tried++, response.writeHead(503).end());
  write("second");
  const second = reload.changed(ending);
  await expect.poll(() => tried).toBeGreaterThan(2);
  expect(await user()).toBe("first");
  expect(lines.filter((line) => line.includes("tried again"))).toHaveLength(1);
  answer = (_, response) => void response.end("{}");
  write("third");
  await Promise.all([second, reload.changed(ending)]);
  expect(await user()).toBe("third");
});

test("connections go on as long as certificates are the same, whoever vouches for them", async () => {
  const made = (tls: Authentication["tls"]): Cluster => ({
    server: new URL("https://a"),
    proxy: undefined,
    origin: "kubeconfig",
    authenticate: () => Promise.resolve({ headers: {}, tls }),
    refused: () => undefined,
  });
  const cluster = new ReplaceableCluster(made({ ca: "ca", cert: "one", key: "key" }));
  const { tls } = await cluster.authenticate();
  cluster.replace(made({ ca: "ca", cert: "one", key: "key" }));
  expect((await cluster.authenticate()).tls).toBe(tls);
  cluster.replace(made({ ca: "ca", cert: "two", key: "key" }));
  expect((await cluster.authenticate()).tls).toEqual({ ca: "ca", cert: "two", key: "key" });
  expect(cluster.isSameServer({ ...made({}), proxy: "http://proxy" })).toBe(false);
});
