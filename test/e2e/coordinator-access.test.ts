import {
  ControlPlaneClient,
  freePorts,
  until,
  type Daemon,
} from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Certificates } from "../../packages/server/test/certificates.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter, startProgram } from "./exporter.ts";

const namespace = "coordinator-access";
const account = (name: string): string => `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${namespace}}
`;
const manifests = `
apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
${account("coordinator")}
${account("stranger")}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${namespace}}
rules:
  - {nonResourceURLs: [/metrics, /blocks], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ${namespace}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${namespace}}
subjects: [{kind: ServiceAccount, name: coordinator, namespace: ${namespace}}]
`;

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("a worker behind TLS and the auth filter", () => {
  let certificates: Certificates;
  let worker: Daemon;
  let url: string;

  beforeAll(async () => {
    const client = new ControlPlaneClient(cluster!);
    await client.apply(manifests);
    certificates = await Certificates.create();
    for (const name of ["coordinator", "stranger"])
      await certificates.write(`${name}.token`, await client.serviceAccountToken(namespace, name));
    await certificates.authority("authority");
    await certificates.signed("server", { by: "authority", sans: "IP:127.0.0.1" });
    await certificates.signed("client", { by: "authority", sans: "DNS:coordinator" });
    await certificates.write(
      "web.yaml",
      `tls_server_config:
  cert_file: server.crt
  key_file: server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: authority.crt
`,
    );
    const [port, telemetry] = await freePorts(2);
    url = `https://127.0.0.1:${port}`;
    worker = await startProgram([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--resources=namespaces",
      "--auth-filter",
      `--tls-config=${certificates.path("web.yaml")}`,
      "--host=127.0.0.1",
      `--port=${port}`,
      "--telemetry-host=127.0.0.1",
      `--telemetry-port=${telemetry}`,
    ]);
  });
  afterAll(async () => {
    await worker?.stop();
    await certificates?.[Symbol.asyncDispose]();
  });

  const start = (token: string, more: readonly string[]) =>
    Exporter.start([
      "coordinator",
      `--workers=${url}`,
      `--worker-ca-file=${certificates.path("authority.crt")}`,
      `--worker-token-file=${certificates.path(`${token}.token`)}`,
      ...more,
    ]);
  const certificate = () => [
    `--worker-client-cert=${certificates.path("client.crt")}`,
    `--worker-client-key=${certificates.path("client.key")}`,
  ];

  test("is read by a coordinator with authority, certificate and token", async () => {
    await using coordinator = await start("coordinator", certificate());
    await coordinator.ready();
    const text = await coordinator.scrape();
    expect(text).toContain('kube_namespace_created{namespace="default"}');
    await expect
      .poll(() => coordinator.scrape(), { timeout: 20_000 })
      .toContain('kube_state_mosaic_complete{resource="namespaces",reason=""} 1');
  });

  test.each([
    ["a token that may not read", { token: "stranger", hasCertificate: true }, /answered 403/],
    [
      "no certificate",
      { token: "coordinator", hasCertificate: false },
      /certificate|socket|closed|ECONNRESET/i,
    ],
  ])(
    "is not read with %s, and the refusal says why",
    async (_, { token, hasCertificate }, reason) => {
      await using coordinator = await start(token, hasCertificate ? certificate() : []);
      const answer = await until(
        "the coordinator answers",
        async () => {
          const response = await fetch(`${coordinator.url}/metrics`).catch(() => undefined);
          const body = await response?.text();
          return (
            response !== undefined && reason.test(body ?? "") && { status: response.status, body }
          );
        },
        { daemons: [coordinator.daemon], timeoutMs: 30_000 },
      );
      expect(answer.status).toBe(503);
      expect(answer.body).toContain(url);
    },
  );
});
