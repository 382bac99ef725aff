import { ControlPlaneClient } from "@kube-state-mosaic/control-plane";
import { describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";
import { RecordingProxy } from "./recording-proxy.ts";
import { family } from "./samples.ts";

const canary = "canary-5b1e0f7c-value-of-a-secret";
// In JSON a Secret's values are base64; the text stands at the start, so that its encoding has one form.
const encoded = Buffer.from(canary).toString("base64").replace(/=*$/, "");
const inConfigMap = "canary-90cd4a-value-of-a-config-map";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("values nobody asked for", () => {
  test("the value of a Secret or a ConfigMap is never sent to the exporter, which shows both objects", async () => {
    const client = new ControlPlaneClient(cluster!);
    await client.kubectl(`create secret generic canary --from-literal=password=${canary}`);
    await client.kubectl(`create configmap canary --from-literal=password=${inConfigMap}`);
    try {
      const needles = [canary, encoded, inConfigMap];
      await using proxy = await RecordingProxy.start(cluster!, { needles });
      await using exporter = await Exporter.start([
        `--apiserver=${proxy.url}`,
        "--resources=secrets,configmaps",
      ]);
      await exporter.ready();
      // Through the watch as well as through the list.
      await client.kubectl("annotate secret/canary configmap/canary touched=yes");
      await client.kubectl(`create secret generic late --from-literal=password=${canary}`);
      await expect
        .poll(async () => family(await exporter.scrape(), "kube_secret_info").join("\n"))
        .toContain('secret="late"');
      const text = await exporter.scrape();
      expect(family(text, "kube_secret_info").join("\n")).toContain('secret="canary"');
      expect(family(text, "kube_secret_type").join("\n")).toContain('type="Opaque"');
      expect(family(text, "kube_configmap_info").join("\n")).toContain('configmap="canary"');

      const seen = proxy.requests.filter((request) => request.found.size > 0);
      expect(seen).toEqual([]);
      expect(proxy.requests.reduce((total, request) => total + request.bytes, 0)).toBeGreaterThan(
        0,
      );

      // The proxy would have seen it in either encoding.
      for (const accept of ["application/json", "application/vnd.kubernetes.protobuf"]) {
        await (await fetch(`${proxy.url}/api/v1/secrets`, { headers: { accept } })).arrayBuffer();
        expect(proxy.requests.at(-1)!.found.size).toBe(1);
      }
    } finally {
      await client.kubectl("delete secret/canary secret/late configmap/canary --ignore-not-found");
      client.close();
    }
  });
});
