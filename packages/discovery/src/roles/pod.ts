import type { DiscoveryPod } from "@kube-state-mosaic/wire";
import { addressLabel, join, namespaceLabel, prefix } from "../labels.ts";
import { emptyGroup, type Labels, type LabelSet, type TargetGroup } from "../target-group.ts";
import { attachNamespace, attachNode } from "./attached.ts";
import { addContainerLabels, addPodLabels, containersOf } from "./pod-labels.ts";
import type { Surroundings } from "./surroundings.ts";

const containerId = `${prefix}pod_container_id`;

export function podSource(key: string): string {
  return `pod/${key}`;
}

/** One target for each port of each container, and one without port for a container that declares none. */
export function podGroup(pod: DiscoveryPod, around: Surroundings): TargetGroup {
  const { metadata, spec, status } = pod;
  const source = podSource(`${metadata.namespace}/${metadata.name}`);
  if (status.podIP === "") return emptyGroup(source);
  // This is how node selectors filter pods; pods whose node is not known yet come when it is.
  if (around.attach.node && around.node(spec.nodeName) === undefined) return emptyGroup(source);

  const labels: Labels = new Map();
  addPodLabels(labels, pod, around);
  labels.set(namespaceLabel, metadata.namespace);
  attachNode(labels, spec.nodeName, around);
  attachNamespace(labels, metadata.namespace, around);
  return { source, targets: targetsOf(pod), labels };
}

function targetsOf(pod: DiscoveryPod): LabelSet[] {
  const { podIP, containerStatuses, initContainerStatuses } = pod.status;
  return containersOf(pod).flatMap((entry) => {
    const { container, init } = entry;
    const statuses = init ? initContainerStatuses : containerStatuses;
    const id = statuses.find(({ name }) => name === container.name)?.containerID ?? "";
    const ports = container.ports.length > 0 ? container.ports : [undefined];
    return ports.map((port) => {
      const address = port === undefined ? podIP : join(podIP, port.containerPort);
      const target: Labels = new Map([
        [addressLabel, address],
        [containerId, id],
      ]);
      addContainerLabels(target, entry, port);
      return target;
    });
  });
}
