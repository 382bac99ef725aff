import {
  Provider,
  Watches,
  kubernetesConfig,
  type LabelSet,
  type TargetGroup,
} from "@kube-state-mosaic/discovery";
import { startFakeKubernetes, type FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { ApiClient, Slices, loadCluster, systemClock } from "@kube-state-mosaic/kubernetes";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";

type KubernetesObject = Parameters<FakeKubernetes["put"]>[1];
type Labels = Readonly<Record<string, string>>;

interface Vector {
  readonly name: string;
  readonly config: Parameters<typeof kubernetesConfig>[0];
  readonly ownNamespace?: string;
  readonly objects: readonly KubernetesObject[];
  readonly events?: readonly {
    readonly type: "ADDED" | "MODIFIED" | "DELETED";
    readonly object: KubernetesObject;
  }[];
  readonly expected: readonly {
    readonly source: string;
    readonly targets: readonly Labels[] | null;
    readonly labels: Labels | null;
  }[];
}

const file = new URL("service-discovery.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as readonly Vector[];
const logger = createLogger({ format: "text", level: "error" });

describe.each(["protobuf", "JSON"])("over %s", (encoding) => {
  test.each(vectors)("$name: the last group of every source", async (vector) => {
    const { config, objects, events = [], expected } = vector;
    await using fake = await startFakeKubernetes({ bookmarkIntervalSeconds: 0.005 });
    for (const { name } of fake.names("namespaces")) fake.delete("namespaces", { name });
    // Some servers do not speak protobuf: clients then ask for JSON.
    if (encoding === "JSON")
      fake.faults.on(
        { when: ({ headers }) => headers.accept?.includes("protobuf") ?? false, times: Infinity },
        { kind: "status", code: 406, reason: "NotAcceptable" },
      );
    for (const object of objects) fake.put(pathOf(object), object);

    const last = new Map<string, TargetGroup>();
    const clock = systemClock;
    const slices = new Slices(clock);
    const watches = new Watches({ clock, slices, logger, metrics: undefined, startJitterMs: 0 });
    const cluster = await loadCluster({ apiserver: fake.url });
    await using client = new ApiClient({ cluster });
    const provider = new Provider(watches, {
      name: "kubernetes/0",
      config: kubernetesConfig(texts(config), "", "/"),
      cluster: { key: "", client },
      ownNamespace: () => vector.ownNamespace ?? "",
      onGroup: (group) => last.set(group.source, group),
      onComplete: () => undefined,
      clock,
      slices,
      logger,
      metrics: undefined,
    });
    try {
      await until(() => provider.complete && provider.idle, vector.name);
      for (const { type, object } of events) {
        const { namespace, name } = object.metadata as { namespace?: string; name: string };
        const path = pathOf(object);
        if (type === "DELETED") fake.delete(path, { namespace: namespace ?? "", name });
        else fake.put(path, object);
        const version = await newestVersion(client);
        await until(() => seen(provider, version) && provider.idle, `${vector.name}: ${type}`);
      }
      const got = [...last.values()].map(({ source, targets, labels }) => ({
        source,
        targets: targets.map(record),
        labels: record(labels),
      }));
      expect(bySource(got)).toEqual(
        bySource(
          expected.map(({ source, targets, labels }) => ({
            source,
            targets: targets ?? [],
            labels: labels ?? {},
          })),
        ),
      );
    } finally {
      provider.stop();
    }
  });
});

/** Every watch has come to this version, by an event or a bookmark: nothing of before is still to come. */
function seen({ watches }: Provider, version: bigint): boolean {
  return watches.every(({ state }) => BigInt(state.resourceVersion ?? 0) >= version);
}

/** The version that all collections have reached; consistent reads bring them there, and bookmarks tell the watches. */
async function newestVersion(client: ApiClient): Promise<bigint> {
  let newest = 0n;
  for (const path of collections) {
    const { metadata } = await client.getJson<{ metadata: { resourceVersion: string } }>(path, {
      limit: 1,
    });
    newest = BigInt(metadata.resourceVersion);
  }
  return newest;
}

const collections = [
  ...["nodes", "namespaces", "pods", "services", "endpoints"].map((name) => `/api/v1/${name}`),
  "/apis/discovery.k8s.io/v1/endpointslices",
  "/apis/networking.k8s.io/v1/ingresses",
  "/apis/apps/v1/replicasets",
  "/apis/batch/v1/jobs",
];

const paths: Readonly<Record<string, string>> = {
  Endpoints: "endpoints",
  Ingress: "ingresses",
};

function pathOf({ kind }: KubernetesObject): string {
  const name = String(kind);
  return paths[name] ?? `${name.toLowerCase()}s`;
}

/** As the configuration file's reader gives them: all scalars are texts. */
function texts(value: unknown): Vector["config"] {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === "boolean" ? String(item) : item)),
  ) as Vector["config"];
}

function record(labels: LabelSet): Labels {
  return Object.fromEntries(labels);
}

function bySource<Group extends { readonly source: string }>(groups: readonly Group[]): Group[] {
  return groups.toSorted((a, b) => (a.source < b.source ? -1 : 1));
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await delay(2);
  }
}
