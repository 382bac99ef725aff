import { parseArgs } from "node:util";
import { startFakeKubernetes } from "./fake-kubernetes.ts";
import { live } from "./synthetic/live.ts";
import { populate } from "./synthetic/populate.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    pods: { type: "string", default: "0" },
    nodes: { type: "string" },
    seed: { type: "string", default: "1" },
    "changes-per-second": { type: "string", default: "0" },
    "bookmark-interval-seconds": { type: "string", default: "60" },
    "history-capacity": { type: "string", default: "10000" },
    "shard-selector": { type: "string", default: "honour" },
    /** Encodes all pods before the URL is printed, so that the first list is not slower than the others. */
    warm: { type: "boolean", default: false },
  },
});

const support = values["shard-selector"];
if (support !== "honour" && support !== "ignore" && support !== "reject")
  throw new TypeError(`--shard-selector is honour, ignore or reject, not ${support}`);
const seed = Number(values.seed);
const server = await startFakeKubernetes({
  port: Number(values.port),
  bookmarkIntervalSeconds: Number(values["bookmark-interval-seconds"]),
  historyCapacity: Number(values["history-capacity"]),
  shardSelector: support,
  seed,
});
populate(server, {
  pods: Number(values.pods),
  seed,
  ...(values.nodes === undefined ? {} : { nodes: Number(values.nodes) }),
});
if (values.warm) server.warm("pods");
const stop = new AbortController();
const living = live(server, {
  changesPerSecond: Number(values["changes-per-second"]),
  seed,
  signal: stop.signal,
});
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stop.abort();
  });
console.log(
  JSON.stringify({
    url: server.url,
    pods: server.count("pods"),
    resourceVersion: server.resourceVersion,
  }),
);
await living;
await server.close();
