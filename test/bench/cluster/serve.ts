import { once } from "node:events";
import { parseArgs } from "node:util";
import { startControlPlane } from "@kube-state-mosaic/control-plane";
import { churn } from "./churn.ts";
import { loadPopulation } from "./load.ts";

// A real API server with a synthetic cluster, to try things on by hand; Ctrl-C ends it.
const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "2000" },
    nodes: { type: "string", default: "50" },
    seed: { type: "string", default: "1" },
    /** Pod status changes a second. */
    churn: { type: "string", default: "0" },
    "sharded-watch": { type: "boolean", default: false },
  },
});

await using controlPlane = await startControlPlane({
  features: { shardedListAndWatch: values["sharded-watch"] },
});
const size = { pods: Number(values.pods), nodes: Number(values.nodes), seed: Number(values.seed) };
const objects = await loadPopulation(controlPlane, size);
console.log(`${objects} objects; --kubeconfig=${controlPlane.kubeconfigPath}`);
const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
const rate = Number(values.churn);
const changing =
  rate > 0 ? churn(controlPlane, { rate, seconds: Number.POSITIVE_INFINITY }) : undefined;
await Promise.race([stopped, changing ?? stopped]);
process.exitCode = 0;
