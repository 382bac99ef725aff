import { addLabelsAndAnnotations, addObjectMeta } from "../labels.ts";
import type { Labels } from "../target-group.ts";
import type { Surroundings } from "./surroundings.ts";

/** Metadata of a known Node; of an unknown one, and without `attach_metadata.node`, nothing. */
export function attachNode(labels: Labels, name: string, around: Surroundings): void {
  if (!around.attach.node) return;
  const node = around.node(name);
  if (node !== undefined) addObjectMeta(labels, "node", node.metadata);
}

/** Labels and annotations of a known Namespace, likewise; its name is in `__meta_kubernetes_namespace` anyway. */
export function attachNamespace(labels: Labels, name: string, around: Surroundings): void {
  if (!around.attach.namespace) return;
  const namespace = around.namespace(name);
  if (namespace !== undefined) addLabelsAndAnnotations(labels, "namespace", namespace.metadata);
}
