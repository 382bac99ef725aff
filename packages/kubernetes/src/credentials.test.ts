import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "../test/manual-clock.ts";
import { loadCluster } from "./credentials.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "credentials-"));
});
afterEach(() => rm(directory, { recursive: true }));

const tls = (name: string): Promise<string> =>
  readFile(new URL(`../testdata/tls/${name}`, import.meta.url), "utf8");

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);

async function kubeconfig(user: object, cluster: object = {}): Promise<string> {
  const config = {
    "current-context": "here",
    contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
    clusters: [{ name: "c", cluster: { server: "https://api:6443", ...cluster } }],
    users: [{ name: "u", user }],
  };
  await write("config", JSON.stringify(config));
  return join(directory, "config");
}

describe("in a cluster", () => {
  const environment = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };

  test("the service account's token and CA are used", async () => {
    await write("token", "first\n");
    await write("ca.crt", await tls("ca-one.crt"));
    const cluster = await loadCluster({ environment, serviceAccountDirectory: directory });
    expect(cluster.server.href).toBe("https://[fd00::1]/");
    expect(cluster.origin).toBe("in-cluster");
    const { headers, tls: settings } = await cluster.authenticate();
    expect(headers).toEqual({ authorization: "Bearer first" });
    expect(settings.ca).toContain("BEGIN CERTIFICATE");
  });

  test("the token is read again when older than 50 s, kept when the file is empty, and after a 401 read at once", async () => {
    const clock = new ManualClock();
    await write("token", "first");
    await write("ca.crt", await tls("ca-one.crt"));
    const cluster = await loadCluster({ environment, serviceAccountDirectory: directory, clock });
    const token = async (): Promise<unknown> =>
      (await cluster.authenticate()).headers["authorization"];
    await write("token", "second");
    clock.advance(50_000);
    expect(await token()).toBe("Bearer first");
    clock.advance(1);
    expect(await token()).toBe("Bearer second");
    await write("token", "");
    clock.advance(60_000);
    expect(await token()).toBe("Bearer second");
    await write("token", "third");
    cluster.refused();
    expect(await token()).toBe("Bearer third");
    await rm(join(directory, "token"));
    cluster.refused();
    expect(await token()).toBe("Bearer third");
  });

  test("a replaced CA counts after five minutes, a broken one never, and unchanged settings are the same object", async () => {
    const clock = new ManualClock();
    await write("token", "t");
    await write("ca.crt", await tls("ca-one.crt"));
    const cluster = await loadCluster({ environment, serviceAccountDirectory: directory, clock });
    const settings = async (): Promise<object> => (await cluster.authenticate()).tls;
    const first = await settings();
    clock.advance(300_001);
    expect(await settings()).toBe(first);
    await write("ca.crt", "-----BEGIN CERTIFICATE-----\nhalf a fi");
    clock.advance(300_001);
    expect(await settings()).toBe(first);
    await write("ca.crt", await tls("ca-two.crt"));
    clock.advance(300_001);
    expect(await settings()).toMatchObject({ ca: (await tls("ca-two.crt")).trim() });
  });

  test("without a usable CA file the system's roots are used, with a warning", async () => {
    await write("token", "t");
    const warnings: string[] = [];
    const cluster = await loadCluster({
      environment,
      serviceAccountDirectory: directory,
      onWarning: (message) => warnings.push(message),
    });
    expect((await cluster.authenticate()).tls).toEqual({});
    expect(warnings.join()).toContain("ca.crt");
  });

  test("a missing token is an error", async () => {
    await write("ca.crt", await tls("ca-one.crt"));
    await expect(
      loadCluster({ environment, serviceAccountDirectory: directory }),
    ).rejects.toMatchObject({
      code: "CREDENTIALS_UNREADABLE",
      message: expect.stringContaining("token cannot be used"),
    });
  });

  test("outside of a cluster the error names --kubeconfig", async () => {
    await expect(loadCluster({ environment: {} })).rejects.toMatchObject({
      code: "NOT_IN_CLUSTER",
      message: expect.stringContaining("--kubeconfig"),
    });
  });
});

describe("--apiserver", () => {
  test("alone it means no credentials, whatever the pod has", async () => {
    const environment = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
    const cluster = await loadCluster({ apiserver: "http://127.0.0.1:8001/k8s", environment });
    expect(cluster.server.pathname).toBe("/k8s");
    expect(await cluster.authenticate()).toEqual({ headers: {}, tls: {} });
  });

  test("it overrides the kubeconfig's server and keeps its credentials", async () => {
    const cluster = await loadCluster({
      kubeconfig: await kubeconfig({ token: "t" }),
      apiserver: "https://other:6443",
    });
    expect(cluster.server.host).toBe("other:6443");
    expect((await cluster.authenticate()).headers).toEqual({ authorization: "Bearer t" });
  });

  test("without a scheme it is http alone, and https with a kubeconfig", async () => {
    const alone = await loadCluster({ apiserver: "127.0.0.1:8001", environment: {} });
    expect(alone.server.href).toBe("http://127.0.0.1:8001/");
    const both = { kubeconfig: await kubeconfig({ token: "t" }), apiserver: "api:6443" };
    expect((await loadCluster(both)).server.href).toBe("https://api:6443/");
  });

  test.each(["ftp://x", "https://", "http://a b"])("%s is refused", async (apiserver) => {
    await expect(loadCluster({ apiserver, environment: {} })).rejects.toMatchObject({
      code: "APISERVER_INVALID",
      message: expect.stringContaining("--apiserver"),
    });
  });
});

describe("a kubeconfig", () => {
  test("nothing secret is sent over http", async () => {
    const path = await kubeconfig({ token: "t" }, { server: "http://api:8080" });
    const cluster = await loadCluster({ kubeconfig: path });
    expect((await cluster.authenticate()).headers).toEqual({});
  });

  test("name and password become basic authentication", async () => {
    const path = await kubeconfig({ username: "a", password: "b:c" });
    const cluster = await loadCluster({ kubeconfig: path });
    expect((await cluster.authenticate()).headers).toEqual({ authorization: "Basic YTpiOmM=" });
  });

  test("tokenFile is read again after 50 s", async () => {
    const clock = new ManualClock();
    await write("token", "first");
    const cluster = await loadCluster({
      kubeconfig: await kubeconfig({ tokenFile: "token" }),
      clock,
    });
    await write("token", "second");
    clock.advance(50_001);
    expect((await cluster.authenticate()).headers).toEqual({ authorization: "Bearer second" });
  });

  test("a client certificate whose new key is not there yet keeps the old pair", async () => {
    const clock = new ManualClock();
    await write("client.crt", await tls("client-a.crt"));
    await write("client.key", await tls("client-a.key"));
    const path = await kubeconfig({
      "client-certificate": "client.crt",
      "client-key": "client.key",
    });
    const cluster = await loadCluster({ kubeconfig: path, clock });
    const first = (await cluster.authenticate()).tls;
    await write("client.crt", await tls("client-b.crt"));
    clock.advance(300_001);
    expect((await cluster.authenticate()).tls).toBe(first);
    await write("client.key", await tls("client-b.key"));
    clock.advance(300_001);
    expect((await cluster.authenticate()).tls.cert).toBe((await tls("client-b.crt")).trim());
  });

  test("a missing certificate file is found when the cluster is loaded", async () => {
    const path = await kubeconfig({}, { "certificate-authority": "missing.crt" });
    await expect(loadCluster({ kubeconfig: path })).rejects.toMatchObject({
      code: "CREDENTIALS_UNREADABLE",
      message: expect.stringContaining(join(directory, "missing.crt")),
    });
  });

  test("proxy-url wins over the environment", async () => {
    const path = await kubeconfig({}, { "proxy-url": "http://one:1" });
    const environment = { HTTPS_PROXY: "http://two:2" };
    expect((await loadCluster({ kubeconfig: path, environment })).proxy).toBe("http://one:1");
    const without = await kubeconfig({});
    expect((await loadCluster({ kubeconfig: without, environment })).proxy).toBe("http://two:2");
  });
});

describe("an exec plugin", () => {
  /** Writes a plugin that counts its runs and prints `status`. */
  async function plugin(status: object, more: { fail?: boolean } = {}): Promise<string> {
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential" };
    await write(
      "plugin",
      `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> ${join(directory, "runs")}
${more.fail ? 'echo "no such profile" >&2; exit 3' : ""}
cat <<END
${JSON.stringify({ ...credential, status })}
END
`,
    );
    await chmod(join(directory, "plugin"), 0o755);
    return kubeconfig(
      {
        exec: { apiVersion: credential.apiVersion, command: "./plugin", provideClusterInfo: true },
      },
      { "tls-server-name": "api" },
    );
  }

  const runs = async (): Promise<string[]> =>
    (await readFile(join(directory, "runs"), "utf8")).trim().split("\n");

  test("it runs once for requests at the same time, again 10 s before its token expires, and after a 401", async () => {
    const clock = new ManualClock();
    const expirationTimestamp = new Date(clock.wall() + 60_000).toISOString();
    const path = await plugin({ token: "t\n", expirationTimestamp });
    const cluster = await loadCluster({ kubeconfig: path, clock });
    const all = await Promise.all([cluster.authenticate(), cluster.authenticate()]);
    expect(all[1]?.headers).toEqual({ authorization: "Bearer t" });
    expect(await runs()).toHaveLength(1);
    clock.advance(49_999);
    await cluster.authenticate();
    expect(await runs()).toHaveLength(1);
    clock.advance(1);
    await Promise.all([cluster.authenticate(), cluster.authenticate()]);
    expect(await runs()).toHaveLength(2);
    await cluster.authenticate();
    cluster.refused();
    await cluster.authenticate();
    expect((await runs()).length).toBeGreaterThanOrEqual(3);
  });

  test("it is told the cluster, and that there is nobody to ask", async () => {
    await loadCluster({ kubeconfig: await plugin({ token: "t" }) });
    expect(JSON.parse((await runs())[0]!)).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: {
        interactive: false,
        cluster: { server: "https://api:6443", "tls-server-name": "api" },
      },
    });
  });

  test("it may give a client certificate", async () => {
    const status = {
      clientCertificateData: await tls("client-a.crt"),
      clientKeyData: await tls("client-a.key"),
    };
    const cluster = await loadCluster({ kubeconfig: await plugin(status) });
    const { headers, tls: settings } = await cluster.authenticate();
    expect(headers).toEqual({});
    expect(settings.cert).toBe(status.clientCertificateData);
  });

  test("what it says when it fails is in the error", async () => {
    await expect(
      loadCluster({ kubeconfig: await plugin({}, { fail: true }) }),
    ).rejects.toMatchObject({
      code: "CREDENTIAL_PLUGIN_FAILED",
      message: expect.stringContaining("no such profile"),
    });
  });

  test("an answer without a credential is an error", async () => {
    await expect(loadCluster({ kubeconfig: await plugin({}) })).rejects.toMatchObject({
      code: "CREDENTIAL_PLUGIN_FAILED",
      message: expect.stringContaining("neither a token nor a client certificate"),
    });
  });
});

test("an auth-provider's token is read by the Kubernetes client library", async () => {
  const path = await kubeconfig({
    "auth-provider": {
      name: "gcp",
      config: { "access-token": "abc", expiry: "2126-01-01T00:00:00Z" },
    },
  });
  const cluster = await loadCluster({ kubeconfig: path });
  expect((await cluster.authenticate()).headers).toEqual({ authorization: "Bearer abc" });
});
