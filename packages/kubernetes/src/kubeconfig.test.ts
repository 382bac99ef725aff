import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readKubeconfig } from "./kubeconfig.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kubeconfig-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function file(text: string): Promise<string> {
  const path = join(directory, "config");
  await writeFile(path, text);
  return path;
}

async function config(parts: { cluster?: object; user?: object; root?: object }): Promise<string> {
  return file(
    JSON.stringify({
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: "https://api:6443", ...parts.cluster } }],
      users: [{ name: "u", user: parts.user ?? {} }],
      ...parts.root,
    }),
  );
}

const pem = (what: string): string =>
  Buffer.from(`-----BEGIN ${what}-----\nx\n-----END ${what}-----\n`).toString("base64");

test("the current context's cluster and user count, written as YAML", async () => {
  const path = await file(`
apiVersion: v1
kind: Config
current-context: two
contexts:
- {name: one, context: {cluster: a, user: a}}
- name: two
  context: {cluster: b, user: b, namespace: x}
clusters:
- {name: a, cluster: {server: https://a}}
- name: b
  cluster:
    server: https://b/prefix
    tls-server-name: kubernetes.default.svc
    proxy-url: socks5://proxy:1080
    certificate-authority-data: ${pem("CERTIFICATE")}
users:
- {name: a, user: {token: a}}
- name: b
  user:
    client-certificate: certs/client.crt
    client-key: /keys/client.key
    as: someone
    as-uid: "7"
    as-groups: [g1, g2]
    as-user-extra: {Example.Org/Scope: [s]}
`);
  expect(await readKubeconfig(path)).toMatchObject({
    server: "https://b/prefix",
    proxyUrl: "socks5://proxy:1080",
    servername: "kubernetes.default.svc",
    insecure: false,
    ca: { text: "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n" },
    cert: { file: join(directory, "certs/client.crt") },
    key: { file: "/keys/client.key" },
    token: undefined,
    impersonation: {
      "impersonate-user": "someone",
      "impersonate-uid": "7",
      "impersonate-group": ["g1", "g2"],
      "impersonate-extra-example.org%2Fscope": ["s"],
    },
  });
});

test("a token is trimmed, inline data wins over files, and tokenFile over token", async () => {
  const path = await config({ user: { token: "abc\n" } });
  expect((await readKubeconfig(path)).token).toBe("abc");
  const both = await config({
    cluster: {
      "certificate-authority": "ca.crt",
      "certificate-authority-data": pem("CERTIFICATE"),
    },
    user: { token: "abc", tokenFile: "token" },
  });
  const read = await readKubeconfig(both);
  expect(read.ca).toHaveProperty("text");
  expect(read.token).toBeUndefined();
  expect(read.tokenFile).toBe(join(directory, "token"));
});

test("a context without a user is one without credentials", async () => {
  const contexts = [{ name: "here", context: { cluster: "c" } }];
  const read = await readKubeconfig(await config({ root: { contexts } }));
  expect(read).toMatchObject({ token: undefined, cert: undefined, basic: undefined });
});

test("an exec plugin's relative command belongs to the kubeconfig's directory", async () => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./plugin",
    args: ["get"],
    env: [{ name: "A", value: "b" }],
    interactiveMode: "IfAvailable",
  };
  const read = await readKubeconfig(await config({ user: { exec } }));
  expect(read.exec).toMatchObject({
    command: join(directory, "plugin"),
    args: ["get"],
    env: { A: "b" },
    provideClusterInfo: false,
  });
});

describe("each mistake is one line that names the file, the key and the reason", () => {
  test("a missing file", async () => {
    await expect(readKubeconfig("/nowhere/config")).rejects.toMatchObject({
      code: "KUBECONFIG_UNREADABLE",
      message: expect.stringMatching(/^kubeconfig \/nowhere\/config cannot be read: ENOENT.*$/),
    });
  });

  const cases: [string, () => Promise<string>, string][] = [
    ["no YAML", () => file("a: [\n"), "the file is not YAML"],
    ["no mapping", () => file("- a"), "the file is not a YAML mapping"],
    ["empty", () => file(""), "the file is not a YAML mapping"],
    ["no context", () => config({ root: { "current-context": "" } }), "current-context is missing"],
    [
      "unknown context",
      () => config({ root: { "current-context": "there" } }),
      "contexts has no entry named there",
    ],
    ["unknown cluster", () => config({ root: { clusters: [] } }), "clusters has no entry named c"],
    ["unknown user", () => config({ root: { users: null } }), "users has no entry named u"],
    ["a list that is none", () => config({ root: { users: {} } }), "users must be a list"],
    [
      "a number as token",
      () => config({ user: { token: 5 } }),
      "users[u].user.token must be a string",
    ],
    [
      "a broken certificate",
      () => config({ user: { "client-certificate-data": "@@" } }),
      "users[u].user.client-certificate-data must be a PEM text in base64",
    ],
    [
      "a certificate without its key",
      () => config({ user: { "client-certificate": "a" } }),
      "users[u].user.client-key is missing",
    ],
    [
      "two ways in",
      () => config({ user: { token: "a", username: "b" } }),
      "users[u].user.username a user has either a token or a name and password",
    ],
    [
      "an unchecked server with a CA",
      () =>
        config({ cluster: { "insecure-skip-tls-verify": true, "certificate-authority": "ca" } }),
      "cannot be combined with insecure-skip-tls-verify",
    ],
    [
      "a flag in quotes",
      () => config({ cluster: { "insecure-skip-tls-verify": "true" } }),
      "clusters[c].cluster.insecure-skip-tls-verify must be true or false",
    ],
    [
      "a plugin that wants a terminal",
      () =>
        config({
          user: {
            exec: {
              apiVersion: "client.authentication.k8s.io/v1",
              command: "x",
              interactiveMode: "Always",
            },
          },
        }),
      "users[u].user.exec.interactiveMode Always needs a terminal",
    ],
    [
      "an old plugin",
      () =>
        config({
          user: { exec: { apiVersion: "client.authentication.k8s.io/v1alpha1", command: "x" } },
        }),
      "users[u].user.exec.apiVersion",
    ],
  ];
  test.each(cases)("%s", async (_name, make, reason) => {
    const path = await make();
    const error: unknown = await readKubeconfig(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "KUBECONFIG_INVALID" });
    const { message } = error as Error;
    expect(message).toContain(`kubeconfig ${path}: `);
    expect(message).toContain(reason);
    expect(message).not.toContain("\n");
  });
});
