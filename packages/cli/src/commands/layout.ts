import { messageOf } from "@kube-state-mosaic/errors";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import { LeaseRegistry, listMembers, removeLayout } from "@kube-state-mosaic/registry";
import { parseLayoutState, type LayoutState } from "@kube-state-mosaic/sharding";
import { layoutAsJson, layoutAsTable, type LayoutFacts } from "../layout-report.ts";
import { build } from "../version.ts";

/** As the manifests have it. */
const defaults = { namespace: "kube-system", statefulset: "kube-state-mosaic" };

/** `kube-state-mosaic layout show|reset`: the layout that the shards of a StatefulSet share through Leases. */
export async function runLayout(options: Options, args: readonly string[]): Promise<number> {
  const { kubeconfig, apiserver } = options;
  const [action = "", target = ""] = args;
  if (action !== "show" && action !== "reset") {
    console.error(`error: layout ${action}: not one of show, reset`);
    return 1;
  }
  const [statefulset = "", namespace = defaults.namespace] = target.split("/").toReversed();
  const place = { namespace, statefulset: statefulset || defaults.statefulset };
  const name = `${place.namespace}/${place.statefulset}`;
  const cluster = await loadCluster({ kubeconfig, apiserver });
  await using client = new ApiClient({ cluster, version: build.version });
  if (action === "reset") {
    const found = await removeLayout(client, place);
    console.log(
      found
        ? `The layout of ${name} is removed. Running shards keep what they serve, and write the newest layout they know back under a higher epoch; where none is known, the first one is made.`
        : `${name} has no layout: there is nothing to remove.`,
    );
    return 0;
  }
  const stored = await new LeaseRegistry({ client, ...place }).readLayout();
  const members = await listMembers(client, place);
  if (stored === undefined && members.length === 0) {
    console.error(`error: ${name} has no layout and no members`);
    return 1;
  }
  const { state, problem } = stored === undefined ? {} : readable(stored.text);
  const facts: LayoutFacts = { state, problem, members, now: Date.now() };
  console.log(options.layoutOutput === "json" ? layoutAsJson(facts) : layoutAsTable(facts));
  return problem === undefined ? 0 : 1;
}

function readable(text: string): { state?: LayoutState; problem?: string } {
  try {
    return { state: parseLayoutState(text) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
