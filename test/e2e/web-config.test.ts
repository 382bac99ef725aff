import { rename, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import { type Daemon, complete, freePorts, until } from "@kube-state-mosaic/control-plane";
import { secure } from "@kube-state-mosaic/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Certificates } from "../../packages/server/test/certificates.ts";
import { has, sharedCluster } from "./environment.ts";
import { startProgram } from "./exporter.ts";
import { family, samples } from "./samples.ts";

// "sesame", at the lowest cost.
const hash = "$2b$04$JBEGvea.sA.GSp45cwPLbuXoayO6iVpOBQ3pxt4XSqi686WEoVKR2";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("a web configuration that changes", () => {
  let certificates: Certificates;
  let daemon: Daemon;
  let ca: string;
  let ports: readonly number[];

  beforeAll(async () => {
    certificates = await Certificates.create();
    await certificates.authority("authority");
    const sans = "IP:127.0.0.1";
    for (const name of ["even", "odd"]) await certificates.signed(name, { by: "authority", sans });
    ca = await certificates.read("authority.crt");
    await use("even");
    await writeFile(certificates.path("web.yaml"), webConfig("even"));
    ports = await freePorts(2);
    daemon = await startProgram([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--resources=nodes",
      `--tls-config=${certificates.path("web.yaml")}`,
      "--host=127.0.0.1",
      `--port=${ports[0]}`,
      "--telemetry-host=127.0.0.1",
      `--telemetry-port=${ports[1]}`,
    ]);
    const ready = () => get(ports[1]!, "/readyz").then(({ status }) => status === 200);
    await until("the worker is ready", () => ready().catch(() => false), { daemons: [daemon] });
  });
  afterAll(async () => {
    await daemon?.stop();
    await certificates?.[Symbol.asyncDispose]();
  });

  /** Certificate and key one after the other, each at once, as certificate managers do. */
  async function use(name: string): Promise<void> {
    for (const kind of ["crt", "key"]) {
      await certificates.write("new", await certificates.read(`${name}.${kind}`));
      await rename(certificates.path("new"), certificates.path(`current.${kind}`));
    }
  }

  function webConfig(extraUser: string): string {
    return `tls_server_config:
  cert_file: current.crt
  key_file: current.key
basic_auth_users:
  scraper: ${hash}
  ${extraUser}: ${hash}
http_server_config:
  headers:
    Strict-Transport-Security: max-age=3600
`;
  }

  /** Over a connection of its own. */
  function get(
    port: number,
    path: string,
    user = "scraper",
  ): Promise<{ status: number | undefined; body: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number | undefined;
      body: string;
    }>();
    const options = { host: "127.0.0.1", port, path, ca, agent: false, auth: `${user}:sesame` };
    request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => void (body += text));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode, body }));
    })
      .once("error", reject)
      .end();
    return promise;
  }

  function servedName(): Promise<string | string[] | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<string | string[] | undefined>();
    const socket = connect({ host: "127.0.0.1", port: ports[0]!, ca }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    }).once("error", reject);
    return promise;
  }

  test("100 changes of certificate and file, half-written ones among them, lose no scrape and no sample", async () => {
    const expected = family((await get(ports[0]!, "/metrics")).body, "kube_node_info");
    expect(expected.length).toBeGreaterThan(0);
    const stop = new AbortController();
    const missing = (body: string) =>
      expected.filter((line) => !body.includes(`${line}\n`)).join("\n");
    const outcomes: string[] = [];
    const scraping = (async () => {
      while (!stop.signal.aborted) {
        const outcome = await get(ports[0]!, "/metrics").then(
          ({ status, body }) => (status === 200 ? missing(body) : `status ${status}`),
          String,
        );
        outcomes.push(outcome);
        await delay(50, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    })();
    let scraped = 0;
    const another = async () => {
      scraped = outcomes.length;
      await until("another scrape", async () => outcomes.length > scraped, { intervalMs: 5 });
    };
    for (let round = 1; round <= 100; round++) {
      const name = round % 2 === 0 ? "even" : "odd";
      const file = webConfig(name);
      await use(name);
      await writeFile(certificates.path("web.yaml"), file.slice(0, (file.length * round) / 101));
      await another();
      await writeFile(certificates.path("web.yaml"), file);
      expect(await servedName()).toBe(name);
      expect((await get(ports[0]!, "/metrics", name)).status).toBe(200);
      const dropped = name === "odd" ? "even" : "odd";
      expect((await get(ports[0]!, "/metrics", dropped)).status).toBe(401);
    }
    stop.abort();
    await scraping;
    expect(new Set(outcomes)).toEqual(new Set([""]));
    expect(outcomes.length).toBeGreaterThanOrEqual(100);
  });

  test("a file that cannot be used is in the log with its position, and in a metric until it is corrected", async () => {
    const file = certificates.path("web.yaml");
    const metric = async () =>
      samples((await get(ports[1]!, "/metrics")).body).find((line) =>
        line.startsWith("kube_state_metrics_last_config_reload_successful{"),
      );
    const series = `kube_state_metrics_last_config_reload_successful{filename="${file}",type="webconfig"}`;
    expect(await metric()).toBe(`${series} 1`);
    await writeFile(file, webConfig("odd").replace("cert_file", "certfile"));
    expect(await metric()).toBe(`${series} 0`);
    await expect
      .poll(() => daemon.lines.filter((line) => /2:3 tls_server_config\.certfile: /.test(line)))
      .toHaveLength(1);
    await writeFile(file, webConfig("odd"));
    expect(await metric()).toBe(`${series} 1`);
  });
});

/** Keys that the toolkit of promtool 2.42 knows; `pair` is a certificate with its key. */
const pair = "cert_file: even.crt, key_file: even.key";
const files = [
  "",
  "{}",
  `tls_server_config: {${pair}}`,
  "tls_server_config: {cert_file: even.crt, key_file: odd.key}",
  "tls_server_config: {cert_file: even.crt}",
  "tls_server_config: {key_file: even.key}",
  "tls_server_config: {cert_file: absent.crt, key_file: even.key}",
  "tls_server_config: {cert_file: even.key, key_file: even.crt}",
  "tls_server_config: {client_auth_type: NoClientCert}",
  "tls_server_config: {min_version: TLS12}",
  "tls_server_config: {min_version: TLS9}",
  `tls_server_config: {${pair}, min_version: TLS13, max_version: TLS13}`,
  `tls_server_config: {${pair}, client_auth_type: Always}`,
  `tls_server_config: {${pair}, client_ca_file: authority.crt}`,
  `tls_server_config: {${pair}, client_ca_file: authority.crt, client_auth_type: RequireClientCert}`,
  `tls_server_config: {${pair}, client_ca_file: authority.crt, client_auth_type: VerifyClientCertIfGiven}`,
  `tls_server_config: {${pair}, client_ca_file: absent.crt, client_auth_type: RequireAndVerifyClientCert}`,
  `tls_server_config: {${pair}, client_auth_type: RequireAndVerifyClientCert}`,
  `tls_server_config: {${pair}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]}`,
  `tls_server_config: {${pair}, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}`,
  `tls_server_config: {${pair}, curve_preferences: [X25519, CurveP256, CurveP384, CurveP521]}`,
  `tls_server_config: {${pair}, curve_preferences: [P256]}`,
  `tls_server_config: {${pair}, prefer_server_cipher_suites: no}`,
  `tls_server_config: {${pair}, certfile: even.crt}`,
  "tls_server_config: [a]",
  "http_server_config: {http2: yes}",
  "http_server_config: {http2: maybe}",
  "http_server_config: {http3: true}",
  "http_server_config: {headers: {X-Frame-Options: deny, Content-Security-Policy: default-src}}",
  "http_server_config: {headers: {X-Frame-Options: DENY}}",
  "http_server_config: {headers: {x-frame-options: deny}}",
  "http_server_config: {headers: {X-Content-Type-Options: sniff}}",
  "http_server_config: {headers: {Server: mosaic}}",
  `basic_auth_users: {alice: ${hash}, bob: ${hash.replace("$2b$", "$2y$")}}`,
  `basic_auth_users: {alice: ${hash.replace("$04$", "$03$")}}`,
  "basic_auth_users: {alice: sesame}",
  "basic_auth_users: {alice: [a]}",
  `basic_auth_users: {alice: ${hash}, alice: ${hash}}`,
  "unknown: 1",
  "tls_server_config: {",
  "- a",
];

/** The toolkit takes them, and then nobody can get in: no authority in the file, a hash that is one character short. */
const useless = [
  `tls_server_config: {${pair}, client_ca_file: even.key, client_auth_type: RequireAndVerifyClientCert}`,
  `basic_auth_users: {alice: ${hash.slice(0, -1)}}`,
];

describe.skipIf(!has("promtool"))("the exporter toolkit in promtool", () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await Certificates.create();
    await certificates.authority("authority");
    for (const name of ["even", "odd"])
      await certificates.signed(name, { by: "authority", sans: "DNS:localhost" });
  });
  afterAll(() => certificates?.[Symbol.asyncDispose]());

  async function opinions(text: string): Promise<{ promtool: boolean; ours: boolean }> {
    const file = certificates.path("checked.yaml");
    await writeFile(file, text);
    const { code } = await complete("promtool", ["check", "web-config", file]);
    const ours = await secure({ webConfigFile: file }).then(
      () => true,
      () => false,
    );
    return { promtool: code === 0, ours };
  }

  test.each(files)("has the same opinion of %j", async (text) => {
    const { promtool, ours } = await opinions(text);
    expect(ours).toBe(promtool);
  });

  test.each(useless)("takes the useless %j, which we refuse", async (text) => {
    expect(await opinions(text)).toEqual({ promtool: true, ours: false });
  });
});

test("a web configuration with mistakes ends the start with one line that names each of them", async () => {
  await using certificates = await Certificates.create();
  const file = certificates.path("web.yaml");
  await writeFile(file, "tls_server_config:\n  certfile: a\nbasic_auth_users:\n  alice: sesame\n");
  await using daemon = await startProgram([
    "--apiserver=http://127.0.0.1:9",
    `--tls-config=${file}`,
    "--port=0",
    "--telemetry-port=0",
  ]);
  const { code } = await daemon.exited;
  expect(code).toBe(1);
  const errors = daemon.lines.filter((line) => line.startsWith("error: "));
  expect(errors).toEqual([
    expect.stringMatching(
      /web\.yaml cannot be used: 2:3 tls_server_config\.certfile: unknown key.*; 4:10 basic_auth_users\.alice: is not a bcrypt hash$/,
    ),
  ]);
});
