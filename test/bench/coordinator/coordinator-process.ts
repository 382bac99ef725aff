/** The measured process: a coordinator, and beside it a server that only writes bytes that it is given. Speaks with its parent by messages. */
import { Coordinator, coordinatorApp, listedWorkers } from "@kube-state-mosaic/coordinator";
import { listen } from "@kube-state-mosaic/server";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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

let body = Buffer.alloc(0);
const plain = createServer((request, response) => {
  if (request.method !== "PUT") return void response.end(body);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    body = Buffer.concat(chunks);
    response.end();
  });
});
plain.listen(0, "127.0.0.1");
await once(plain, "listening");

process.on("message", async (message) => {
  if (message === "stop") process.exit(0);
  const { user, system } = process.cpuUsage();
  // Array buffers are freed by the second collection after their last use.
  for (let round = 0; round < 3 && message === "memory"; round++) {
    globalThis.gc?.();
    await setTimeout(50);
  }
  const { rss, external, heapUsed } = process.memoryUsage();
  const received = coordinator.bytesReceived;
  process.send?.({ cpuMs: (user + system) / 1000, rss, held: heapUsed + external, received });
});
const { port } = plain.address() as AddressInfo;
process.send?.({ scrape: `${served.url}/metrics`, plain: `http://127.0.0.1:${port}/` });
