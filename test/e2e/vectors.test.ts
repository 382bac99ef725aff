import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cachedPrograms,
  complete,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { beforeAll, describe, expect, test } from "vitest";
import type { KubernetesObject } from "../bench/cluster/etcd-key.ts";
import { loadObjects } from "../bench/cluster/load.ts";
import { has, sharedCluster } from "./environment.ts";
import { Exporter, program } from "./exporter.ts";
import { promtoolCheckMetrics } from "./prometheus.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { difference, none, samples } from "./samples.ts";
import { vectorObjects, vectorResources } from "./vectors.ts";

const everything = [
  `--resources=${vectorResources().join(",")}`,
  "--metric-opt-in-list=.",
  "--metric-labels-allowlist=*=[*]",
  "--metric-annotations-allowlist=*=[*]",
];

describe.skipIf(sharedCluster() === undefined)(
  "every object of the vectors, on a real API server",
  () => {
    /** Samples by the way the objects took. */
    const seen: Record<string, readonly string[]> = {};
    let stored: number;
    let exposition: string;
    let usesProtobuf: readonly boolean[];

    beforeAll(async () => {
      const programs = await cachedPrograms();
      await using controlPlane = await startControlPlane(
        programs === undefined ? {} : { programs },
      );
      await using direct = await RecordingProxy.start(controlPlane);
      await using json = await RecordingProxy.start(controlPlane, {
        rewriteAccept: withoutProtobuf,
      });
      const start = async (proxy: RecordingProxy): Promise<Exporter> =>
        (await Exporter.start([`--apiserver=${proxy.url}`, ...everything])).ready();

      // These two are there before the objects, so that they learn of them by watch events.
      await using watchingProtobuf = await start(direct);
      await using watchingJson = await start(json);
      stored = await loadObjects(controlPlane, vectorObjects());
      const dump = await listAll((path) => controlPlane.send(path));
      seen["rendered from a dump"] = await rendered(dump);
      const complete = seen["rendered from a dump"].length;
      for (const exporter of [watchingProtobuf, watchingJson])
        await until(
          "all events have arrived",
          async () => steady(await exporter.scrape()).length >= complete,
          { timeoutMs: 90_000 },
          // What is missing shows in the comparison.
        ).catch(() => undefined);
      exposition = await watchingProtobuf.scrape();
      seen["watched as protobuf"] = steady(exposition);
      seen["watched as JSON"] = steady(await watchingJson.scrape());
      await using listingProtobuf = await start(direct);
      seen["listed as protobuf"] = steady(await listingProtobuf.scrape());
      await using listingJson = await start(json);
      seen["listed as JSON"] = steady(await listingJson.scrape());
      usesProtobuf = [direct, json].map((proxy) =>
        proxy.requests.some(({ accept }) => accept.includes("protobuf")),
      );
    });

    test("what is said to be read as JSON was read without protobuf, and the other with it", () => {
      expect(usesProtobuf).toEqual([true, false]);
    });

    test("there are many of them, of all resources", () => {
      expect(stored).toBeGreaterThan(900);
      expect(seen["rendered from a dump"]!.length).toBeGreaterThan(5_000);
    });

    test.each(["watched as protobuf", "watched as JSON", "listed as protobuf", "listed as JSON"])(
      "gives the same samples when it is %s as when a dump of the cluster is rendered",
      (way) => {
        expect(difference(seen["rendered from a dump"]!, seen[way]!)).toEqual(none);
      },
    );

    test.skipIf(!has("promtool"))(
      "is shown in families to which promtool has no objection",
      async () => {
        const headers = new Set(exposition.match(/^# TYPE \S+/gm));
        expect(headers.size).toBeGreaterThan(300);
        expect(await promtoolCheckMetrics(exposition)).toEqual([]);
      },
    );
  },
);

interface Discovery {
  readonly resources: readonly { readonly name: string; readonly kind: string }[];
}

/** All objects of the resources as the API server gives them in JSON, with their kind. */
async function listAll(get: (path: string) => Promise<unknown>): Promise<readonly object[]> {
  const groups = (await get("/apis")) as {
    groups: readonly { versions: readonly { groupVersion: string }[] }[];
  };
  const versions = groups.groups.flatMap((group) => group.versions.map((one) => one.groupVersion));
  const wanted = new Set(vectorResources());
  const items: object[] = [];
  for (const groupVersion of ["v1", ...versions]) {
    const path = groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`;
    for (const { name, kind } of ((await get(path)) as Discovery).resources) {
      // Each in the first version that has it, which is the one preferred.
      if (!wanted.delete(name)) continue;
      const list = (await get(`${path}/${name}`)) as { items: readonly KubernetesObject[] };
      for (const item of list.items) items.push({ ...item, apiVersion: groupVersion, kind });
    }
  }
  expect([...wanted]).toEqual([]);
  return items;
}

/** The samples that the `render` command prints for objects. */
async function rendered(items: readonly object[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "dump-"));
  try {
    const file = join(folder, "dump.json");
    await writeFile(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    const answer = await complete(program, ["render", `--filename=${file}`, ...everything]);
    expect([answer.code, answer.stderr]).toEqual([0, ""]);
    return steady(answer.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Without the lease that the API server keeps renewing for itself. */
function steady(text: string): readonly string[] {
  return samples(text).filter((line) => !line.includes('lease="apiserver-'));
}

/** What an API server that has no protobuf would be asked for. */
function withoutProtobuf(accept: string): string {
  const rest = accept.split(",").filter((clause) => !clause.includes("protobuf"));
  return rest.length > 0
    ? rest.join(",")
    : accept.replaceAll("application/vnd.kubernetes.protobuf", "application/json");
}
