import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { ApiClient, loadCluster } from "@kube-state-mosaic/kubernetes";
import { resources } from "@kube-state-mosaic/metric-families";
import type { Options } from "@kube-state-mosaic/options";
import { LeaseRegistry, listMembers, type ListedMember } from "@kube-state-mosaic/registry";
import {
  hashNamed,
  isHashName,
  parseLayoutState,
  slotOf,
  type Layout,
} from "@kube-state-mosaic/sharding";
import type { ObjectReport } from "@kube-state-mosaic/worker";
import { build } from "../version.ts";

const askTimeoutMs = 5_000;

/**
 * `kube-state-mosaic owner UID` or `owner RESOURCE [NAMESPACE/]NAME`: the slot and shard of an object in the layout in force and
 * in the pending one, and whether that shard shows it, or why not. The exit code is 0 when it is shown.
 */
export async function runOwner(options: Options, args: readonly string[]): Promise<number> {
  const { kubeconfig, apiserver, podNamespace, statefulset } = options;
  const cluster = await loadCluster({ kubeconfig, apiserver });
  await using client = new ApiClient({ cluster, version: build.version });
  const uid = await uidOf(args, client);
  const place = { namespace: podNamespace || "kube-system", statefulset };
  const stored = await new LeaseRegistry({ client, ...place }).readLayout();
  if (stored === undefined)
    throw new ExporterError(
      "NO_LAYOUT",
      `${place.namespace}/${place.statefulset} has no layout: name the StatefulSet with --pod-namespace and --statefulset`,
    );
  const { active, pending } = parseLayoutState(stored.text);
  const members = await listMembers(client, place);
  console.log(`uid       ${uid}`);
  const owner = show("active", active, uid);
  if (pending !== undefined) show("pending", pending, uid);
  const report = await ask(
    members.find(({ ordinal }) => ordinal === owner),
    uid,
  );
  console.log(typeof report === "string" ? `shown     no: ${report}` : verdict(report));
  return typeof report !== "string" && report.held.length > 0 ? 0 : 1;
}

async function uidOf([first = "", name]: readonly string[], client: ApiClient): Promise<string> {
  if (name === undefined) return first;
  const resource = resources[first];
  if (resource === undefined)
    throw new ExporterError("UNKNOWN_RESOURCE", `${first} is not a resource that is known here`);
  const [object = "", namespace] = name.split("/").toReversed();
  const at = resource.path.lastIndexOf("/");
  const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const path = `${resource.path.slice(0, at)}${scope}${resource.path.slice(at)}/${encodeURIComponent(object)}`;
  const { metadata } = await client.getJson<{ metadata: { uid: string } }>(path);
  return metadata.uid;
}

/** Prints the place of the object in a layout; answers the member's ordinal. */
function show(which: string, layout: Layout, uid: string): string {
  if (!isHashName(layout.hash))
    throw new ExporterError("UNKNOWN_HASH", `this version does not know the hash ${layout.hash}`);
  const bytes = Buffer.from(uid);
  const slot = slotOf(hashNamed(layout.hash).of(bytes, 0, bytes.length));
  const index = layout.slots[slot] ?? 0;
  const ordinal = layout.members[index] ?? "";
  console.log(
    `${which.padEnd(9)} epoch ${layout.epoch}, slot ${slot}, shard ${index} of ${layout.members.length}, pod ordinal ${ordinal}`,
  );
  return ordinal;
}

/** What the worker says, or why it says nothing. */
async function ask(member: ListedMember | undefined, uid: string): Promise<ObjectReport | string> {
  const address = member?.record.address;
  if (address === undefined) return "that member has never announced itself";
  try {
    const response = await fetch(`${address}/owner?uid=${encodeURIComponent(uid)}`, {
      signal: AbortSignal.timeout(askTimeoutMs),
    });
    if (!response.ok) return `${address} answered ${response.status}`;
    // The boundary where another process's answer becomes a type.
    return (await response.json()) as ObjectReport;
  } catch (error) {
    return `${address} cannot be asked: ${messageOf(error)}`;
  }
}

function verdict({ kept, held, waiting }: ObjectReport): string {
  if (held.length > 0)
    return held
      .map(
        ({ resource, resourceVersion, upTo = "?" }) =>
          `shown     yes: ${resource}, version ${resourceVersion}, everything up to ${upTo} applied`,
      )
      .join("\n");
  if (!kept) return "shown     no: the worker does not keep that slot (yet)";
  if (waiting.length > 0) return `shown     no: not loaded yet: ${waiting.join(", ")}`;
  return "shown     no: the worker has never seen it: it does not exist, or its resource is not exposed";
}
