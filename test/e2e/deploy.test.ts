import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { complete, ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { accepted, type Manifest, rightsOf } from "./deploy-objects.ts";
import { sharedCluster } from "./environment.ts";
import { program } from "./exporter.ts";
import { render, type Variant, variantFolder, variants } from "./kubelet-manifests.ts";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("the manifests", () => {
  let client: ControlPlaneClient;
  const manifests: Partial<Record<Variant, readonly Manifest[]>> = {};

  beforeAll(async () => {
    client = new ControlPlaneClient(cluster!);
    for (const variant of variants)
      manifests[variant] = await accepted(client, await render(client, variant));
  });
  afterAll(() => client?.close());

  const workloads = (variant: Variant): readonly Manifest[] =>
    manifests[variant]!.filter(({ spec }) => spec?.template !== undefined);
  const services = (variant: Variant): readonly Manifest[] =>
    manifests[variant]!.filter(({ kind }) => kind === "Service");

  test.each(variants)(
    "%s is accepted by a real API server, all of it in kube-system",
    (variant) => {
      expect(workloads(variant).length).toBeGreaterThan(0);
      for (const { kind, metadata } of manifests[variant]!)
        expect(metadata.namespace).toBe(kind.startsWith("ClusterRole") ? undefined : "kube-system");
    },
  );

  test.each(variants)(
    "%s gives each worker the rights that rbac prints for its arguments, and no others",
    async (variant) => {
      const workers = workloads(variant).filter(({ spec }) => !isCoordinator(spec!.template!.spec));
      expect(workers.length).toBeGreaterThan(0);
      for (const { spec } of workers) {
        const { serviceAccountName, containers } = spec!.template!.spec;
        const args = (containers[0]!.args ?? []).map((arg) =>
          arg
            .replace("$(POD_NAMESPACE)", "kube-system")
            .replace("$(POD_NAME)", "kube-state-metrics-shard-0"),
        );
        const printed = await complete(program, ["rbac", ...args]);
        expect(printed.stderr).toBe("");
        const own = { name: serviceAccountName, namespace: "kube-system" };
        const wanted = rightsOf(await accepted(client, printed.stdout), {
          ...own,
          name: "kube-state-metrics",
        });
        expect(wanted.length).toBeGreaterThan(0);
        expect(rightsOf(manifests[variant]!, own)).toEqual(wanted);
      }
    },
  );

  test.each(variants)(
    "%s in a namespace of the user's is there with all of its rights",
    async (variant) => {
      const folder = await mkdtemp(join(tmpdir(), "overlay-"));
      const resources = [relative(folder, variantFolder(variant))];
      const overlay = { kind: "Kustomization", namespace: "default", resources };
      await writeFile(join(folder, "kustomization.yaml"), JSON.stringify(overlay));
      const moved = await accepted(client, await client.kubectl(["kustomize", folder]));
      await rm(folder, { recursive: true });
      const names = manifests[variant]!.filter(({ kind }) => kind === "ServiceAccount");
      for (const {
        metadata: { name },
      } of names)
        expect(rightsOf(moved, { name, namespace: "default" })).toEqual(
          rightsOf(manifests[variant]!, { name, namespace: "kube-system" }).map((right) =>
            right.replace(/^kube-system /, "default "),
          ),
        );
    },
  );

  test.each(variants)("in %s a coordinator reads nothing but Leases", (variant) => {
    for (const { spec } of workloads(variant)) {
      const {
        serviceAccountName: name,
        containers,
        automountServiceAccountToken,
      } = spec!.template!.spec;
      if (!isCoordinator(spec!.template!.spec)) continue;
      const rights = rightsOf(manifests[variant]!, { name, namespace: "kube-system" });
      const findsWorkers = !containers[0]!.args!.some((arg) => arg.startsWith("--workers="));
      const verbs = ["get", "list", "watch"];
      expect(rights).toEqual(
        findsWorkers ? verbs.map((verb) => `kube-system ${verb} coordination.k8s.io/leases`) : [],
      );
      // Without rights it has no use for a token.
      expect(automountServiceAccountToken).toBe(findsWorkers);
    }
  });

  test.each(variants)("in %s what is to be scraped is scraped once", (variant) => {
    const scraped = services(variant).filter(
      ({ metadata }) => metadata.annotations?.["prometheus.io/scrape"] === "true",
    );
    const targets = workloads(variant).map(
      ({ spec }) =>
        scraped.filter((service) => selects(service, spec!.template!.metadata.labels)).length,
    );
    const hasCoordinator = workloads(variant).some(({ spec }) =>
      isCoordinator(spec!.template!.spec),
    );
    expect(targets).toEqual(
      workloads(variant).map(({ spec }) =>
        hasCoordinator && !isCoordinator(spec!.template!.spec) ? 0 : 1,
      ),
    );
  });

  test.each(variants)(
    "ports, labels, probes and restrictions of %s are the reference's",
    (variant) => {
      for (const { metadata, spec } of services(variant)) {
        expect(metadata.labels).toMatchObject(labels);
        expect(spec!.ports).toMatchObject([
          { name: "http-metrics", port: 8080, targetPort: "http-metrics" },
          { name: "telemetry", port: 8081, targetPort: "telemetry" },
        ]);
        expect(
          workloads(variant).some((one) =>
            selects({ spec } as Manifest, one.spec!.template!.metadata.labels),
          ),
        ).toBe(true);
      }
      for (const { metadata, spec } of workloads(variant)) {
        expect(metadata.labels).toMatchObject(labels);
        const { containers, nodeSelector } = spec!.template!.spec;
        expect(nodeSelector).toEqual({ "kubernetes.io/os": "linux" });
        expect(containers).toHaveLength(1);
        expect(containers[0]).toMatchObject({
          image: "kube-state-mosaic:v0.1.0",
          ports: [
            { name: "http-metrics", containerPort: 8080 },
            { name: "telemetry", containerPort: 8081 },
          ],
          livenessProbe: { httpGet: { path: "/livez", port: "http-metrics" } },
          readinessProbe: { httpGet: { path: "/readyz", port: "telemetry" } },
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65_534,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
            seccompProfile: { type: "RuntimeDefault" },
          },
        });
        expect(Object.keys(containers[0]!.resources.requests ?? {}).toSorted()).toEqual([
          "cpu",
          "memory",
        ]);
      }
    },
  );

  test("automatic shards start and end together, have time to hand over, and stay targets while they do", () => {
    const [statefulset] = workloads("autosharding").filter(({ kind }) => kind === "StatefulSet");
    expect(statefulset!.spec).toMatchObject({
      podManagementPolicy: "Parallel",
      template: { spec: { terminationGracePeriodSeconds: 600 } },
    });
    const own = services("autosharding").filter((service) =>
      selects(service, statefulset!.spec!.template!.metadata.labels),
    );
    expect(own.map(({ spec }) => [spec!.clusterIP, spec!.publishNotReadyAddresses])).toEqual([
      ["None", true],
    ]);
  });

  test.each(["sharded", "autosharding"] as const)(
    "of %s no two coordinators or shards of one set are evicted at once",
    (variant) => {
      const budgets = manifests[variant]!.filter(({ kind }) => kind === "PodDisruptionBudget");
      for (const { metadata } of budgets) expect(metadata.labels).toMatchObject(labels);
      expect(budgets).toHaveLength(variant === "autosharding" ? 2 : 1);
    },
  );
});

const labels = {
  "app.kubernetes.io/name": expect.stringMatching(/^kube-state-metrics/),
  "app.kubernetes.io/component": "exporter",
  "app.kubernetes.io/version": "0.1.0",
};

function isCoordinator({
  containers,
}: {
  containers: readonly { args?: readonly string[] }[];
}): boolean {
  return containers[0]?.args?.[0] === "coordinator";
}

function selects({ spec }: Manifest, podLabels: Readonly<Record<string, string>>): boolean {
  // A Service's selector is a map of labels.
  const selector = Object.entries((spec!.selector ?? {}) as Record<string, string>);
  return selector.length > 0 && selector.every(([name, value]) => podLabels[name] === value);
}
