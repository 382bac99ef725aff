/** The measured process: a coordinator of the workers named by its arguments. Speaks with its parent by messages. */
import { Coordinator, coordinatorApp, listedWorkers } from "@kube-state-mosaic/coordinator";
import { listen } from "@kube-state-mosaic/server";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { setTimeout } from "node:timers/promises";

const logger = createLogger({ format: "text", level: "warn" });
let now = 0;
const coordinator = new Coordinator(
  {
    source: listedWorkers(process.argv.slice(2)),
    onMissingShard: "fail",
    fetchTimeoutMs: 60_000,
    // Each scrape is a round of fetches of its own.
    clock: { now: () => (now += 2_000), wall: () => Date.now() },
  },
  logger,
);
const app = coordinatorApp({ coordinator, page: { title: "", version: "" }, gzip: true, logger });
const served = await listen({ app, host: "127.0.0.1", port: 0 });

process.on("message", async (message) => {
  const { user, system } = process.cpuUsage();
  const mostRss = process.resourceUsage().maxRSS * 1024;
  // Array buffers are freed by the second collection after their last use.
  for (let round = 0; round < 3 && message === "memory"; round++) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  const { rss, external, heapUsed } = process.memoryUsage();
  process.send?.({
    cpuMs: (user + system) / 1000,
    rss,
    mostRss,
    held: heapUsed + external,
    received: coordinator.bytesReceived,
  });
});
process.send?.(`${served.url}/metrics`);
