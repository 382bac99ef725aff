import { cachedPrograms, startControlPlane } from "@kube-state-mosaic/control-plane";
import { describe, expect, test } from "vitest";
import { etcdKey } from "../bench/cluster/etcd-key.ts";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { type Difference, difference, none, samples } from "./samples.ts";
import { rounds, storableVectors, vectorResources } from "./vectors.ts";

const settleMs = 5_000;
const failuresShown = 5;

describe.skipIf(sharedCluster() === undefined)("the vectors on a real API server", () => {
  test.each([
    ["protobuf", (accept: string) => accept],
    ["JSON", withoutProtobuf],
  ])(
    "every object gives the samples wanted when it is read as %s, listed or watched",
    async (encoding, rewriteAccept) => {
      const programs = await cachedPrograms();
      await using controlPlane = await startControlPlane(
        programs === undefined ? {} : { programs },
      );
      await using proxy = await RecordingProxy.start(controlPlane, { rewriteAccept });
      await using exporter = await Exporter.start([
        `--apiserver=${proxy.url}`,
        `--resources=${vectorResources().join(",")}`,
        "--metric-opt-in-list=.",
      ]);
      await exporter.ready();
      const own = samples(await exporter.scrape());
      const failures: { round: number; difference: Difference }[] = [];
      let tried = 0;
      for (const [round, vectors] of rounds(storableVectors()).entries()) {
        const entries = vectors.map(({ object }) => ({ key: etcdKey(object), object }));
        await controlPlane.etcdPutAll(entries);
        const wanted = [...own, ...vectors.flatMap(({ want }) => want)].filter(isSteady);
        const seen = await settled(exporter, wanted);
        if (JSON.stringify(seen) !== JSON.stringify(none))
          failures.push({ round, difference: seen });
        if (failures.length === failuresShown) break;
        tried += vectors.length;
        await controlPlane.etcdDeleteAll(entries.map(({ key }) => key));
      }
      expect(failures).toEqual([]);
      expect(tried).toBeGreaterThan(800);
      const inProtobuf = proxy.requests.filter(({ accept }) => accept.includes("protobuf"));
      expect(inProtobuf.length > 0).toBe(encoding === "protobuf");
    },
  );
});

/** The difference that remains once there is none, or after a while. */
async function settled(exporter: Exporter, wanted: readonly string[]): Promise<Difference> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const seen = difference(wanted, samples(await exporter.scrape()).filter(isSteady));
    if (seen.missing.length + seen.added.length === 0 || performance.now() > deadline) return seen;
  }
}

/** The API server renews a lease of its own. */
function isSteady(line: string): boolean {
  return !line.includes('lease="apiserver-');
}

/** What an old API server, or one of custom resources, would be asked for. */
function withoutProtobuf(accept: string): string {
  const rest = accept.split(",").filter((clause) => !clause.includes("protobuf"));
  return rest.length > 0
    ? rest.join(",")
    : accept.replaceAll("application/vnd.kubernetes.protobuf", "application/json");
}
