import { describe, expect, test } from "vitest";
import { dumpDom, screenshot } from "./chromium.ts";
import { has, sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined || !has("chromium"))("in a browser", () => {
  test("the landing pages of a worker link only to pages that are there", async () => {
    await using worker = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--resources=namespaces",
    ]);
    await worker.ready();
    for (const origin of [worker.url, worker.telemetryUrl]) {
      const html = await dumpDom(`${origin}/`);
      const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link = ""]) => link);
      expect(links).toContain("/metrics");
      for (const link of links)
        expect([link, (await fetch(new URL(link, origin))).status]).toEqual([link, 200]);
    }
  });

  test("the landing page shows something on a small screen", async () => {
    await using worker = await Exporter.start([
      `--kubeconfig=${cluster!.kubeconfigPath}`,
      "--resources=namespaces",
    ]);
    await worker.ready();
    const page = await screenshot(`${worker.url}/`, { width: 500, height: 700 });
    const blank = await screenshot("about:blank", { width: 500, height: 700 });
    // Text costs bytes in a PNG, an empty page hardly any.
    expect(page.length).toBeGreaterThan(blank.length * 2);
  });
});
