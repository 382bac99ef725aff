import { sanitizeLabelName } from "@kube-state-mosaic/exposition";

type Unit = "core" | "byte" | "integer";

/** How one resource name (`cpu`, `nvidia.com/gpu`) shows in labels. */
export interface ResourceLabels {
  readonly resource: string;
  readonly unit: Unit;
}

const known = new Map<string, readonly ResourceLabels[]>();
/** Names repeat from object to object; the bound keeps made-up names from filling the memory. */
const maxKnown = 4096;

/**
 * The series a resource of that name gets, usually one. None for names outside the known classes; a name that is in two classes
 * (`hugepages-a/b`) gets two, as in the reference.
 */
export function resourceLabels(name: string): readonly ResourceLabels[] {
  let labels = known.get(name);
  if (labels === undefined) {
    const resource = sanitizeLabelName(name);
    labels = unitsOf(name).map((unit) => ({ resource, unit }));
    if (known.size >= maxKnown) known.clear();
    known.set(name, labels);
  }
  return labels;
}

function unitsOf(name: string): Unit[] {
  if (name === "cpu") return ["core"];
  if (name === "memory" || name === "storage" || name === "ephemeral-storage") return ["byte"];
  const units: Unit[] = [];
  if (name.startsWith("hugepages-")) units.push("byte");
  if (name.startsWith("attachable-volumes-")) units.push("byte");
  if (isExtended(name)) units.push("integer");
  return units;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LOCAL_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** An extended resource: outside `kubernetes.io`, and still a qualified name with `requests.` in front (as quotas write it). */
function isExtended(name: string): boolean {
  if (!name.includes("/") || name.includes("kubernetes.io/") || name.startsWith("requests."))
    return false;
  const [domain = "", local = "", ...more] = `requests.${name}`.split("/");
  return (
    more.length === 0 &&
    domain.length <= 253 &&
    SUBDOMAIN.test(domain) &&
    local.length <= 63 &&
    LOCAL_NAME.test(local)
  );
}
