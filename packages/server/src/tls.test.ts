import { createTelemetry, referenceMetrics } from "@kube-state-mosaic/telemetry";
import { once } from "node:events";
import { rename } from "node:fs/promises";
import { connect as connectPlain } from "node:net";
import { PassThrough } from "node:stream";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Certificates } from "../test/certificates.ts";
import { createApp, type App } from "./app.ts";
import { listen, type Listener } from "./listen.ts";
import { metricsRoute } from "./metrics-route.ts";
import { secure } from "./security.ts";

let certificates: Certificates;
beforeAll(async () => {
  certificates = await Certificates.create();
  for (const name of ["authority", "stranger"]) await certificates.authority(name);
  const sans = "DNS:localhost,IP:127.0.0.1";
  for (const name of ["server", "renewed"])
    await certificates.signed(name, { by: "authority", sans });
  await certificates.signed("scraper", { by: "authority", sans: "DNS:scraper.example,IP:::1" });
  await certificates.signed("impostor", { by: "stranger", sans: "DNS:scraper.example" });
});
afterAll(() => certificates[Symbol.asyncDispose]());

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close(0);
});

let files = 0;

/** A server whose certificate is a copy, so that the test may replace it. */
async function start(tls: readonly string[] = [], routes: (app: App) => void = () => undefined) {
  const name = `${++files}`;
  await replace(name, "server");
  const config = certificates.path(`${name}.yaml`);
  const write = (lines: readonly string[]) =>
    certificates.write(
      `${name}.yaml`,
      ["tls_server_config:", `cert_file: ${name}.crt`, `key_file: ${name}.key`, ...lines].join(
        "\n  ",
      ),
    );
  await write(tls);
  const telemetry = createTelemetry();
  const metrics = referenceMetrics(telemetry);
  const security = await secure({ webConfigFile: config, metrics });
  const app = createApp();
  app.all("/", (context) => context.text("hello"));
  routes(app);
  const listener = await listen({ app, host: "127.0.0.1", port: 0, security });
  listeners.push(listener);
  return { listener, name, write, config, telemetry };
}

/** As an operator or a certificate manager does it: two files, one after the other. */
async function replace(name: string, by: string): Promise<void> {
  for (const kind of ["crt", "key"]) {
    await certificates.write(`${name}.new`, await certificates.read(`${by}.${kind}`));
    await rename(certificates.path(`${name}.new`), certificates.path(`${name}.${kind}`));
  }
}

async function client(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const ca = await certificates.read("authority.crt");
  const socket = connect({ host: "127.0.0.1", port, ca, servername: "localhost", ...options });
  await once(socket, "secureConnect");
  return socket;
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const answered = once(socket, "data").then(([data]) => String(data));
  const closed = once(socket, "close").then(() => "");
  return Promise.race([answered, closed]);
}

/** Whether a request over a new connection is answered. */
async function answers(port: number, options: ConnectionOptions = {}): Promise<boolean> {
  try {
    const socket = await client(port, options);
    socket.on("error", () => undefined);
    const answer = await ask(socket);
    socket.destroy();
    return answer.startsWith("HTTP/1.1 200 ");
  } catch {
    return false;
  }
}

async function identity(name: string): Promise<ConnectionOptions> {
  return {
    cert: await certificates.read(`${name}.crt`),
    key: await certificates.read(`${name}.key`),
  };
}

test("a server with a certificate speaks TLS, says so in its URL, and answers HTTP/1.1 only", async () => {
  const { listener } = await start();
  expect(listener.url).toBe(`https://127.0.0.1:${listener.port}`);
  const socket = await client(listener.port, { ALPNProtocols: ["h2", "http/1.1"] });
  expect(socket.alpnProtocol).toBe("http/1.1");
  expect(socket.getProtocol()).toBe("TLSv1.3");
  expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*hello$/s);
  socket.destroy();
});

test("plain HTTP to a server with TLS gets no answer", async () => {
  const { listener } = await start();
  const socket = connectPlain(listener.port, "127.0.0.1", () =>
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  let answer = "";
  socket.setEncoding("latin1").on("data", (text) => (answer += text));
  socket.on("error", () => undefined);
  await once(socket, "close");
  expect(answer).not.toContain("HTTP/1.1 200");
});

test.each([
  ["min_version: TLS13", { maxVersion: "TLSv1.2" }, false],
  ["min_version: TLS13", {}, true],
  ["max_version: TLS12", { minVersion: "TLSv1.3" }, false],
  [
    "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]",
    { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" },
    false,
  ],
  ["cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]", { maxVersion: "TLSv1.2" }, true],
  ["cipher_suites: [TLS_AES_128_GCM_SHA256]", { maxVersion: "TLSv1.2" }, false],
  ["cipher_suites: [TLS_AES_128_GCM_SHA256]", {}, true],
  ["curve_preferences: [CurveP521]", { ecdhCurve: "X25519" }, false],
  ["curve_preferences: [CurveP521, X25519]", { ecdhCurve: "X25519" }, true],
  [
    "min_version: TLS10",
    { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" },
    true,
  ],
  [
    "min_version: TLS12",
    { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0" },
    false,
  ],
] as const)("with %s a client of %j is answered: %s", async (line, options, expected) => {
  const { listener } = await start([line]);
  expect(await answers(listener.port, options)).toBe(expected);
});

test.each([
  ["NoClientCert", { none: true, scraper: true, impostor: true }],
  ["RequestClientCert", { none: true, scraper: true, impostor: true }],
  ["RequireAnyClientCert", { none: false, scraper: true, impostor: true }],
  ["RequireClientCert", { none: false, scraper: true, impostor: true }],
  ["VerifyClientCertIfGiven", { none: true, scraper: true, impostor: false }],
  ["RequireAndVerifyClientCert", { none: false, scraper: true, impostor: false }],
])("with %s these clients are answered: %j", async (type, expected) => {
  const ca = type === "NoClientCert" ? [] : ["client_ca_file: authority.crt"];
  const { listener } = await start([`client_auth_type: ${type}`, ...ca]);
  expect({
    none: await answers(listener.port),
    scraper: await answers(listener.port, await identity("scraper")),
    impostor: await answers(listener.port, await identity("impostor")),
  }).toEqual(expected);
});

test.each([
  ["scraper.example", true],
  ["::1", true],
  ["scraper", false],
  ["*.example", false],
])(
  "where only the client name %s is allowed, a client with other names is answered: %s",
  async (san, expected) => {
    const { listener } = await start([
      "client_auth_type: RequireAndVerifyClientCert",
      "client_ca_file: authority.crt",
      `client_allowed_sans: ["${san}"]`,
    ]);
    expect(await answers(listener.port, await identity("scraper"))).toBe(expected);
  },
);

test("a renewed certificate is shown to the next client, and open connections go on", async () => {
  const { listener, name } = await start();
  const open = await client(listener.port);
  expect(await ask(open)).toContain("hello");
  await replace(name, "renewed");
  const next = await client(listener.port);
  expect(next.getPeerCertificate().subject.CN).toBe("renewed");
  expect(open.getPeerCertificate().subject.CN).toBe("server");
  expect(await ask(open)).toContain("hello");
  expect(await ask(next)).toContain("hello");
  for (const socket of [open, next]) socket.destroy();
});

test("a certificate without its key is not used until the key follows", async () => {
  const { listener, name, config, telemetry } = await start();
  await certificates.write(`${name}.crt`, await certificates.read("renewed.crt"));
  const subject = async () => {
    const socket = await client(listener.port);
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };
  expect(await subject()).toBe("server");
  const successful = `kube_state_metrics_last_config_reload_successful{filename="${config}",type="webconfig"}`;
  expect(await telemetry.text()).toContain(`${successful} 0`);
  await certificates.write(`${name}.key`, await certificates.read("renewed.key"));
  expect(await subject()).toBe("renewed");
  expect(await telemetry.text()).toContain(`${successful} 1`);
});

test("another client authority counts from the next handshake", async () => {
  const { listener, write } = await start([
    "client_auth_type: RequireAndVerifyClientCert",
    "client_ca_file: authority.crt",
  ]);
  const scraper = await identity("scraper");
  expect(await answers(listener.port, scraper)).toBe(true);
  await write(["client_auth_type: RequireAndVerifyClientCert", "client_ca_file: stranger.crt"]);
  expect(await answers(listener.port, scraper)).toBe(false);
  expect(await answers(listener.port, await identity("impostor"))).toBe(true);
});

const verified = ["client_auth_type: VerifyClientCertIfGiven", "client_ca_file: authority.crt"];
const named = [...verified, "client_allowed_sans: [scraper.example]"];

test.each([
  ["TLS", undefined],
  ["the check of clients", []],
  ["the names of clients", verified],
])("%s does not end with a file that has lost it", async (_what, lines) => {
  const { listener, write, name } = await start(named);
  expect(await answers(listener.port, await identity("impostor"))).toBe(false);
  expect(await answers(listener.port, await identity("renewed"))).toBe(false);
  await (lines === undefined ? certificates.write(`${name}.yaml`, "") : write(lines));
  expect(await answers(listener.port, await identity("impostor"))).toBe(false);
  expect(await answers(listener.port, await identity("renewed"))).toBe(false);
  expect(await answers(listener.port, await identity("scraper"))).toBe(true);
});

test("closing waits neither for handshakes nor for connections between two requests", async () => {
  const { listener } = await start();
  const silent = connectPlain(listener.port, "127.0.0.1");
  silent.on("error", () => undefined);
  await once(silent, "connect");
  const idle = await client(listener.port);
  const gone = [once(silent, "close"), once(idle, "close")];
  expect(await listener.close(60_000)).toBe(0);
  await Promise.all(gone);
});

test("closing lets an answer over TLS end, and cuts it when the grace is over", async () => {
  for (const grace of [60_000, 20]) {
    const body = new PassThrough();
    const { listener } = await start([], (app) => {
      const source = () => ({
        status: 200,
        headers: {},
        body: { identity: () => body, gzip: () => body },
      });
      app.all("/metrics", metricsRoute({ source, gzip: false }));
    });
    const socket = await client(listener.port);
    let received = "";
    socket.setEncoding("utf8").on("data", (text) => (received += text));
    socket.on("error", () => undefined);
    socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
    body.write("m 1\n");
    await expect.poll(() => received).toContain("m 1\n");
    const closed = listener.close(grace);
    if (grace > 1_000) body.end("n 2\n");
    await once(socket, "close");
    expect([received.includes("n 2\n"), await closed]).toEqual(
      grace > 1_000 ? [true, 0] : [false, 1],
    );
  }
});

test("a connection without a handshake is cut after the time for headers", async () => {
  const config = certificates.path("slow.yaml");
  await certificates.write(
    "slow.yaml",
    "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n",
  );
  const listener = await listen({
    app: createApp(),
    host: "127.0.0.1",
    port: 0,
    security: await secure({ webConfigFile: config }),
    timeouts: { readHeader: 50 },
  });
  listeners.push(listener);
  const silent = connectPlain(listener.port, "127.0.0.1");
  silent.on("error", () => undefined);
  await once(silent, "close");
  expect(silent.destroyed).toBe(true);
});
