/** Which objects of a namespaced resource are wanted, as the API server can select them. */
export interface ObjectSelection {
  readonly namespacesDenylist: readonly string[];
  /** Only pods bound to this node; empty: all. */
  readonly node: string;
  /** Only pods that no node has been chosen for; `node` is then ignored. */
  readonly trackUnscheduledPods: boolean;
}

/**
 * The field selector of one resource's requests, `""` for none: denied namespaces sorted, then the node.
 * Only pods have a node the API server can select by; elsewhere it would refuse the request for ever.
 */
export function fieldSelectorFor(
  resource: { readonly name: string; readonly namespaced: boolean },
  { namespacesDenylist, node, trackUnscheduledPods }: ObjectSelection,
): string {
  if (!resource.namespaced) return "";
  const terms = namespacesDenylist
    .toSorted()
    .map((namespace) => `metadata.namespace!=${escapeSelectorValue(namespace)}`);
  if (resource.name === "pods") {
    if (trackUnscheduledPods) terms.push("spec.nodeName=");
    else if (node !== "") terms.push(`spec.nodeName=${escapeSelectorValue(node)}`);
  }
  return terms.join(",");
}

function escapeSelectorValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}
