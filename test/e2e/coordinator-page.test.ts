import { Coordinator, coordinatorApp, type WorkerSource } from "@kube-state-mosaic/coordinator";
import { listen } from "@kube-state-mosaic/server";
import { firstLayout, nextLayout } from "@kube-state-mosaic/sharding";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { describe, expect, test } from "vitest";
import { dumpDom, screenshot } from "./chromium.ts";
import { has } from "./environment.ts";

/** Shards that nobody serves, in the middle of a change from 2 to 3: the page shows what is known of them. */
async function startPage() {
  const first = firstLayout(1, ["0", "1"], "fnv1a64");
  const second = nextLayout(first, 2, ["0", "1", "2"]);
  const source: WorkerSource = {
    current: () => ({
      problem: undefined,
      layout: {
        v: 1,
        floor: 2,
        source: { uid: "set", generation: 2, start: 0, replicas: 3 },
        active: { ...first, activateAt: 0 },
        pending: { ...second, createdAt: Date.now() },
        previous: undefined,
      },
      workers: ["0", "1", "2"].map((ordinal) => ({
        ordinal,
        url: "http://127.0.0.1:1",
        record: {
          incarnation: "",
          image: "v1",
          config: "",
          leaving: false,
          freshness: "fresh" as const,
          views: ordinal === "2" ? { 2: "ready" } : { 1: "serving", 2: "building" },
          reason: ordinal === "1" ? "<b>pods</b> are being listed" : "",
        },
      })),
    }),
    watch: () => undefined,
  };
  const logger = createLogger({ format: "text", level: "error" });
  const coordinator = new Coordinator({ source, onMissingShard: "stale" }, logger);
  await coordinator.cycle();
  const app = coordinatorApp({ coordinator, page: { title: "mosaic", version: "v1" }, gzip: true });
  const listener = await listen({ app, host: "127.0.0.1", port: 0 });
  return {
    url: listener.url,
    async [Symbol.asyncDispose]() {
      await listener.close(0);
      await coordinator.close();
    },
  };
}

describe.skipIf(!has("chromium"))("the coordinator's page in a browser", () => {
  test("shows shards, slots and a handover, and what workers say as text only", async () => {
    await using page = await startPage();
    const html = await dumpDom(`${page.url}/`);
    expect(html).toContain("no answer");
    expect(html).toContain("Handover to epoch 2");
    expect(html).toContain("1 of 3 shards have their new share");
    expect(html).toContain("Slots of epoch 1 (fnv1a64)");
    expect(html.match(/<rect /g)?.length).toBeGreaterThan(30);
    expect(html).toContain("ECONNREFUSED");
    expect(html).toContain("&lt;b&gt;pods&lt;/b&gt; are being listed");
    expect(html).not.toContain("<b>pods</b>");
  });

  test.each([500, 1_280])("shows a picture in a window of %d pixels", async (width) => {
    await using page = await startPage();
    const picture = await screenshot(`${page.url}/`, { width, height: 900 });
    const blank = await screenshot("about:blank", { width, height: 900 });
    expect(picture.length).toBeGreaterThan(blank.length * 4);
  });
});
