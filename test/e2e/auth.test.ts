import { createPrivateKey, sign } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { dirname, join } from "node:path";
import {
  ControlPlaneClient,
  type Daemon,
  freePorts,
  kubeconfig,
  until,
} from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Certificates } from "../../packages/server/test/certificates.ts";
import { has, sharedCluster } from "./environment.ts";
import { Exporter, startProgram } from "./exporter.ts";
import { Prometheus } from "./prometheus.ts";

const namespace = "auth-filter";

/** What the exporter needs for itself and for the filter, a scraper that may read, and a service account that may not. */
const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: exporter, namespace: ${namespace}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: scraper, namespace: ${namespace}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: stranger, namespace: ${namespace}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: auth-filter-exporter}
rules:
  - {apiGroups: [""], resources: [namespaces], verbs: [list, watch]}
  - {apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}
  - {apiGroups: [authorization.k8s.io], resources: [subjectaccessreviews], verbs: [create]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: auth-filter-scraper}
rules:
  - {nonResourceURLs: [/metrics], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: auth-filter-exporter}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: auth-filter-exporter}
subjects: [{kind: ServiceAccount, name: exporter, namespace: ${namespace}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: auth-filter-scraper}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: auth-filter-scraper}
subjects: [{kind: ServiceAccount, name: scraper, namespace: ${namespace}}]
`;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request whose path is sent as it is. Rejects when there is no answer. */
function ask(port: number, path: string, options: RequestOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = options.ca === undefined ? httpRequest : httpsRequest;
  const sent = request({ host: "127.0.0.1", port, path, agent: false, ...options }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => void (body += text));
    response.once("error", reject);
    response.once("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
    );
  });
  sent.once("error", reject).end();
  return promise;
}

function bearer(token: string): RequestOptions {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** How a broken handshake, or a connection closed after it, looks from the client's side. */
const noAnswer = /certificate required|socket hang up|ECONNRESET|EPIPE/;

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("the auth filter on a real API server", () => {
  let client: ControlPlaneClient;
  let certificates: Certificates;
  let ports: readonly number[];
  let tlsPorts: readonly number[];
  let tls: RequestOptions;
  const daemons: Daemon[] = [];
  const tokens: Record<string, string> = {};

  beforeAll(async () => {
    client = new ControlPlaneClient(cluster!);
    await client.apply(manifests);
    for (const name of ["exporter", "scraper", "stranger"])
      tokens[name] = await client.serviceAccountToken(namespace, name);
    certificates = await Certificates.create();
    for (const name of ["authority", "other"]) await certificates.authority(name);
    const sans = "DNS:localhost,IP:127.0.0.1";
    await certificates.signed("server", { by: "authority", sans });
    await certificates.signed("scraper", { by: "authority", sans: "DNS:scraper" });
    await certificates.signed("impostor", { by: "other", sans: "DNS:scraper" });
    await certificates.write(
      "web.yaml",
      `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.crt
  client_allowed_sans: [scraper]
http_server_config:
  headers: {Strict-Transport-Security: max-age=3600}
`,
    );
    await certificates.write("token", tokens["scraper"]!);
    tls = {
      ca: await certificates.read("authority.crt"),
      cert: await certificates.read("scraper.crt"),
      key: await certificates.read("scraper.key"),
    };
    const { url, caFile } = cluster!;
    const config = certificates.path("kubeconfig");
    await writeFile(config, kubeconfig({ url, caFile, token: tokens["exporter"]! }));
    const start = async (args: readonly string[], options: RequestOptions = {}) => {
      const free = await freePorts(2);
      const daemon = await startProgram([
        `--kubeconfig=${config}`,
        "--resources=namespaces",
        "--auth-filter",
        "--host=127.0.0.1",
        `--port=${free[0]}`,
        "--telemetry-host=127.0.0.1",
        `--telemetry-port=${free[1]}`,
        ...args,
      ]);
      daemons.push(daemon);
      const ready = async () => (await ask(free[1]!, "/readyz", options)).status === 200;
      await until("the exporter is ready", () => ready().catch(() => false), { daemons: [daemon] });
      return free;
    };
    ports = await start([]);
    tlsPorts = await start([`--tls-config=${certificates.path("web.yaml")}`], tls);
  });

  afterAll(async () => {
    for (const daemon of daemons) await daemon.stop();
    await certificates?.[Symbol.asyncDispose]();
    await client?.kubectl("delete namespace auth-filter --ignore-not-found --wait=false");
    for (const kind of ["clusterrole", "clusterrolebinding"])
      await client?.kubectl(`delete ${kind} auth-filter-exporter auth-filter-scraper`);
    client?.close();
  });

  test("the right token gets the metrics of both servers", async () => {
    const [metrics, own] = await Promise.all(
      ports.map((port) => ask(port, "/metrics", bearer(tokens["scraper"]!))),
    );
    expect(metrics!.status).toBe(200);
    expect(metrics!.body).toContain(`kube_namespace_created{namespace="${namespace}"}`);
    expect(own!.status).toBe(200);
    expect(own!.body).toContain("kube_state_metrics_build_info{");
  });

  test("no token is 401, a wrong one 500, one without the right 403 with its name", async () => {
    for (const port of ports) {
      expect(await ask(port, "/metrics")).toMatchObject({ status: 401, body: "Unauthorized\n" });
      for (const token of ["wrong", `${tokens["scraper"]!}x`, tokens["scraper"]!.slice(0, -10)])
        expect(await ask(port, "/metrics", bearer(token))).toMatchObject({
          status: 500,
          body: "Authentication failed\n",
        });
      expect(await ask(port, "/metrics", bearer(tokens["stranger"]!))).toMatchObject({
        status: 403,
        body: `Authorization denied for user system:serviceaccount:${namespace}:stranger\n`,
      });
    }
  });

  test("a token that has expired is refused, and only because it has", async () => {
    const key = await readFile(join(dirname(cluster!.kubeconfigPath), "service-account.key"));
    const [header, claims] = tokens["scraper"]!.split(".");
    const signed = (changes: object) => {
      const decoded = JSON.parse(Buffer.from(claims!, "base64url").toString()) as object;
      const changed = Buffer.from(JSON.stringify({ ...decoded, ...changes })).toString("base64url");
      const text = `${header}.${changed}`;
      const signature = sign("sha256", Buffer.from(text), createPrivateKey(key));
      return `${text}.${signature.toString("base64url")}`;
    };
    const now = Math.floor(Date.now() / 1000);
    const expired = signed({ iat: now - 7_200, nbf: now - 7_200, exp: now - 3_600 });
    const valid = signed({ iat: now - 7_200, nbf: now - 7_200, exp: now + 3_600 });
    expect(await ask(ports[0]!, "/metrics", bearer(expired))).toMatchObject({
      status: 500,
      body: "Authentication failed\n",
    });
    expect(await ask(ports[0]!, "/metrics", bearer(valid))).toMatchObject({ status: 200 });
  });

  test("the permission is for one verb on one path", async () => {
    const headers = bearer(tokens["scraper"]!);
    expect(await ask(ports[0]!, "/metrics", { ...headers, method: "POST" })).toMatchObject({
      status: 403,
    });
    expect(await ask(ports[0]!, "/blocks", headers)).toMatchObject({ status: 403 });
    expect(await ask(ports[1]!, "/debug/pprof/", headers)).toMatchObject({ status: 403 });
    expect(await ask(ports[1]!, "/debug/pprof/profile", headers)).toMatchObject({ status: 403 });
    expect(await ask(ports[1]!, "/debug/pprof/", bearer(cluster!.token))).toMatchObject({
      status: 200,
    });
  });

  test("probes and the landing page are for everybody", async () => {
    for (const path of ["/", "/healthz", "/livez"])
      expect(await ask(ports[0]!, path)).toMatchObject({ status: 200 });
    for (const path of ["/", "/readyz"])
      expect(await ask(ports[1]!, path)).toMatchObject({ status: 200 });
  });

  test.each([
    ["/metrics?resources=namespaces", 401],
    ["/metrics?", 401],
    ["/%6detrics", 401],
    ["/%6D%65%74%72%69%63%73", 401],
    ["http://127.0.0.1/metrics", 401],
    ["//metrics", 301],
    ["/./metrics", 301],
    ["/healthz/../metrics", 301],
    ["/healthz/%2e%2e/metrics", 404],
    ["/healthz%2f..%2fmetrics", 404],
    ["/metrics/", 404],
    ["/metrics%00", 404],
    ["/METRICS", 404],
    ["/blocks", 401],
  ])("without a token %s is %d and shows no sample", async (path, status) => {
    for (const extra of [{}, bearer("wrong")]) {
      const answer = await ask(ports[0]!, path, extra);
      expect(answer.status).toBe(status === 401 && "headers" in extra ? 500 : status);
      expect(answer.body).not.toContain("kube_");
    }
  });

  test("with the right token an encoded path is the same permission", async () => {
    const answer = await ask(ports[0]!, "/%6detrics", bearer(tokens["scraper"]!));
    expect(answer.body).toContain("kube_namespace_created");
  });

  test("behind TLS a client without the right certificate gets no answer at all", async () => {
    const headers = bearer(tokens["scraper"]!);
    const { ca } = tls;
    const impostor = {
      ca,
      cert: await certificates.read("impostor.crt"),
      key: await certificates.read("impostor.key"),
    };
    const server = {
      ca,
      cert: await certificates.read("server.crt"),
      key: await certificates.read("server.key"),
    };
    for (const port of tlsPorts) {
      for (const identity of [{ ca }, impostor, server])
        await expect(ask(port, "/metrics", { ...headers, ...identity })).rejects.toThrow(noAnswer);
      await expect(ask(port, "/metrics", headers)).rejects.toThrow(noAnswer);
    }
  });

  test("behind TLS the right certificate alone is not enough, and every answer has the headers", async () => {
    const refused = await ask(tlsPorts[0]!, "/metrics", tls);
    expect(refused).toMatchObject({ status: 401, body: "Unauthorized\n" });
    const given = await ask(tlsPorts[0]!, "/metrics", { ...tls, ...bearer(tokens["scraper"]!) });
    expect(given.status).toBe(200);
    for (const { headers } of [refused, given])
      expect(headers["strict-transport-security"]).toBe("max-age=3600");
  });

  test.skipIf(!has("prometheus"))(
    "a real Prometheus with certificate and token file scrapes both servers",
    async () => {
      const job = (job_name: string, port: number) => ({
        job_name,
        scheme: "https",
        authorization: { credentials_file: certificates.path("token") },
        tls_config: {
          ca_file: certificates.path("authority.crt"),
          cert_file: certificates.path("scraper.crt"),
          key_file: certificates.path("scraper.key"),
        },
        static_configs: [{ targets: [`127.0.0.1:${port}`] }],
      });
      await using prometheus = await Prometheus.start({
        config: {
          global: { scrape_interval: "1s", scrape_timeout: "1s" },
          scrape_configs: [job("state", tlsPorts[0]!), job("own", tlsPorts[1]!)],
        },
      });
      const targets = await prometheus.scraped(2);
      expect(targets.map(({ health, lastError }) => [health, lastError])).toEqual([
        ["up", ""],
        ["up", ""],
      ]);
      const created = `kube_namespace_created{job="state",namespace="${namespace}"}`;
      await expect.poll(() => prometheus.value(created), { timeout: 10_000 }).toBeGreaterThan(0);
    },
  );

  test("a coordinator asks the API server as a worker does, and lets nobody in without one", async () => {
    const open = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--resources=namespaces",
    ]);
    daemons.push(open.daemon);
    await open.ready();
    const filtered = ["coordinator", `--workers=${open.url}`, "--auth-filter"];
    const coordinator = await Exporter.start([
      ...filtered,
      `--kubeconfig=${certificates.path("kubeconfig")}`,
    ]);
    const lost = await Exporter.start([...filtered, `--kubeconfig=${certificates.path("absent")}`]);
    daemons.push(coordinator.daemon, lost.daemon);
    await Promise.all([coordinator.ready(), lost.ready()]);
    const port = (url: string) => Number(new URL(url).port);
    const scraper = bearer(tokens["scraper"]!);
    expect(await ask(port(coordinator.url), "/metrics")).toMatchObject({ status: 401 });
    expect(await ask(port(coordinator.url), "/metrics", bearer("wrong"))).toMatchObject({
      status: 500,
    });
    const given = await ask(port(coordinator.url), "/metrics", scraper);
    expect([given.status, given.body.includes("kube_namespace_created{")]).toEqual([200, true]);
    for (const url of [lost.url, lost.telemetryUrl])
      expect(await ask(port(url), "/metrics", scraper)).toMatchObject({
        status: 503,
        body: "auth filter unavailable\n",
      });
  });

  // Last: it takes permissions away.
  test("when the API server does not let the exporter ask, nobody gets in", async () => {
    await client.kubectl([
      "patch",
      "clusterrole",
      "auth-filter-exporter",
      "--type=json",
      '-p=[{"op": "remove", "path": "/rules/2"}]',
    ]);
    // What was known before the change is forgotten after 30 seconds.
    const refused = { ...bearer(tokens["exporter"]!), method: "PUT" };
    await expect
      .poll(async () => (await ask(ports[0]!, "/metrics", refused)).body, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(`Authorization for user system:serviceaccount:${namespace}:exporter failed\n`);
  });
});
