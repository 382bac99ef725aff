import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlPlaneClient, kubeconfig, run, until } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accepted, type Manifest, rightsOf } from "./deploy-objects.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter, program } from "./exporter.ts";
import { samples } from "./samples.ts";

const namespace = "rbac-test";
const account = "kube-state-metrics";
const statefulset = "rbac-shard";
const customResource =
  "--custom-resource-state-config={spec: {resources: [{groupVersionKind: {group: rbac.example.org, version: v1, kind: Ferry}, metrics: [{name: seats, help: Seats., each: {type: Gauge, gauge: {path: [spec, seats]}}}]}]}}";

const cases = [
  {
    name: "a few resources of all namespaces",
    args: ["--resources=pods,deployments,nodes,secrets"],
  },
  {
    name: "two namespaces, and a resource without namespaces",
    args: ["--resources=configmaps,nodes", "--namespaces=default,kube-system"],
  },
  {
    name: "custom resources",
    args: ["--custom-resource-state-only", customResource],
  },
  {
    name: "scrapers that have to show who they are",
    args: ["--resources=namespaces", "--auth-filter"],
  },
  {
    name: "a shard of a StatefulSet",
    args: ["--resources=namespaces", `--pod=${statefulset}-0`, `--pod-namespace=${namespace}`],
  },
] as const;

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("the permissions that rbac prints", () => {
  let client: ControlPlaneClient;
  let folder: string;
  let kubeconfigPath: string;
  let token: string;

  beforeAll(async () => {
    client = new ControlPlaneClient(cluster!);
    folder = await mkdtemp(join(tmpdir(), "rbac-"));
    await client.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: surroundings }));
    await client.kubectl(`wait --for=condition=established crd/ferries.rbac.example.org`);
    await client.apply(JSON.stringify(ferry));
    await createShard(client);
    for (const where of [namespace, "kube-system"]) {
      const object = {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: account, namespace: where },
      };
      await client.apply(JSON.stringify(object));
    }
  });
  afterAll(async () => {
    await client
      .kubectl(
        `delete namespace/${namespace} crd/ferries.rbac.example.org clusterrole/scraper clusterrolebinding/scraper serviceaccount/${account} --namespace=kube-system --wait=false --ignore-not-found`,
      )
      .catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    client.close();
  });

  /** Everything it says and shows of a worker with these arguments as the account, once it has settled. */
  const behaviour = async (args: readonly string[]): Promise<Behaviour> => {
    await using worker = await Exporter.start([`--kubeconfig=${kubeconfigPath}`, ...args]);
    const refused = /forbidden|service account needs/i;
    const settled = await until("it is ready, refused something, or has ended", async () => {
      if (worker.daemon.exit !== undefined) return "ended";
      if (worker.daemon.lines.some((line) => refused.test(line))) return "refused";
      return (await fetch(`${worker.telemetryUrl}/readyz`)).ok ? "ready" : undefined;
    });
    const said = worker.daemon.lines.join("\n");
    if (settled !== "ready") return { forbidden: true, status: 0, samples: 0, said };
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${worker.url}/metrics`, { headers });
    const text = await response.text();
    return {
      forbidden: refused.test(said),
      status: response.status,
      samples: response.ok ? samples(text).length : 0,
      said: response.ok ? said : `${said}\n${text}`,
    };
  };

  test.each(cases)(
    "suffice for $name, and without any one rule something is missing",
    async ({ args }) => {
      const printed = await accepted(client, await run(program, ["rbac", ...args]));
      const home = args.some((arg) => arg.startsWith("--pod-namespace"))
        ? namespace
        : "kube-system";
      token = await client.serviceAccountToken(home, account);
      kubeconfigPath = join(folder, "kubeconfig");
      await writeFile(kubeconfigPath, kubeconfig({ ...cluster!, token }));
      const inForce = async (manifests: readonly Manifest[]): Promise<void> => {
        const items = manifests.map(({ kind, metadata: { name, namespace: where }, ...rest }) => ({
          apiVersion: rbacVersion,
          kind,
          metadata: { name, namespace: where },
          ...rest,
        }));
        await client.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items }));
        await until("the rights are in force", () =>
          agrees(client, { all: printed, granted: manifests, home }),
        );
      };
      try {
        await inForce(printed);
        const whole = await behaviour(args);
        expect(whole.said).not.toMatch(/forbidden/i);
        expect(whole).toMatchObject({ forbidden: false, status: 200 });
        expect(whole.samples).toBeGreaterThan(0);
        for (const [at, { rules = [], metadata }] of printed.entries())
          for (const rule of rules) {
            const without = printed.map((manifest, i) =>
              i === at ? { ...manifest, rules: rules.filter((other) => other !== rule) } : manifest,
            );
            await inForce(without);
            const less = await behaviour(args);
            const what = `${metadata.namespace ?? "cluster"} ${rule.verbs.join()} ${rule.resources.join()}`;
            const breaks = less.forbidden || less.status !== 200 || less.samples < whole.samples;
            expect([what, breaks]).toEqual([what, true]);
          }
      } finally {
        for (const { kind, metadata } of printed)
          await client.kubectl(
            `delete ${kind}/${metadata.name} --namespace=${metadata.namespace ?? "default"} --ignore-not-found`,
          );
      }
    },
  );
});

interface Behaviour {
  readonly forbidden: boolean;
  /** Of a scrape by the account itself. */
  readonly status: number;
  readonly samples: number;
  readonly said: string;
}

/** Whether the authorizer, which learns of changes through a watch, now allows of `all` what `granted` gives and nothing else. */
async function agrees(
  client: ControlPlaneClient,
  { all, granted, home }: { all: readonly Manifest[]; granted: readonly Manifest[]; home: string },
): Promise<boolean> {
  const who = { name: account, namespace: home };
  const wanted = new Set(rightsOf(granted, who));
  for (const right of rightsOf(all, who)) {
    const [scope = "", verb = "", object = ""] = right.split(" ");
    const [group = "", resource = ""] = object.split("/");
    const review = (await client.send("/apis/authorization.k8s.io/v1/subjectaccessreviews", {
      method: "POST",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SubjectAccessReview",
        spec: {
          user: `system:serviceaccount:${home}:${account}`,
          resourceAttributes: {
            verb,
            group,
            resource,
            namespace: scope === "cluster" ? "" : scope,
          },
        },
      },
    })) as { status: { allowed: boolean } };
    if (review.status.allowed !== wanted.has(right)) return false;
  }
  return true;
}

const rbacVersion = "rbac.authorization.k8s.io/v1";

const surroundings = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "ferries.rbac.example.org" },
    spec: {
      group: "rbac.example.org",
      scope: "Namespaced",
      names: { kind: "Ferry", plural: "ferries", singular: "ferry" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  },
  {
    apiVersion: rbacVersion,
    kind: "ClusterRole",
    metadata: { name: "scraper" },
    rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
  },
  {
    apiVersion: rbacVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: "scraper" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "scraper" },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: "kube-system" }],
  },
];

const ferry = {
  apiVersion: "rbac.example.org/v1",
  kind: "Ferry",
  metadata: { name: "aurora", namespace },
  spec: { seats: 12 },
};

/** A StatefulSet and its first pod, as the controller would make it. */
async function createShard(client: ControlPlaneClient): Promise<void> {
  const labels = { app: statefulset };
  const spec = { containers: [{ name: "main", image: "example.org/app:1" }] };
  const made = (await client.send(`/apis/apps/v1/namespaces/${namespace}/statefulsets`, {
    method: "POST",
    body: {
      metadata: { name: statefulset },
      spec: {
        replicas: 1,
        serviceName: statefulset,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec },
      },
    },
  })) as { metadata: { uid: string } };
  const owner = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: statefulset,
    uid: made.metadata.uid,
    controller: true,
  };
  await client.send(`/api/v1/namespaces/${namespace}/pods`, {
    method: "POST",
    body: { metadata: { name: `${statefulset}-0`, labels, ownerReferences: [owner] }, spec },
  });
}
