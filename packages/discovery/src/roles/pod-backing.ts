import type { ContainerPort, DiscoveryPod } from "@kube-state-mosaic/wire";
import { addressLabel, join } from "../labels.ts";
import type { Labels, LabelSet } from "../target-group.ts";
import { addContainerLabels, addPodLabels, containersOf } from "./pod-labels.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * The pods behind the targets of one Endpoints or EndpointSlice object: they label these targets, and the ports of theirs that no
 * target has used become targets of their own.
 */
export class PodBacking {
  readonly #around: Surroundings;
  /** In order of first appearance, with the port numbers used. */
  readonly #pods = new Map<string, { readonly pod: DiscoveryPod; readonly ports: Set<number> }>();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /**
   * Adds the labels of the pod that backs a target; nothing where the pod is not known. Every container that declares the number
   * overwrites those before. `protocolOf` gives the label of the port's protocol.
   */
  addTo(
    target: Labels,
    reference: { readonly kind: string; readonly namespace: string; readonly name: string },
    port: { number: number | undefined; protocolOf: (declared: ContainerPort) => string },
  ): void {
    if (reference.kind !== "Pod") return;
    const key = `${reference.namespace}/${reference.name}`;
    const pod = this.#around.pod(key);
    if (pod === undefined) return;
    let backing = this.#pods.get(key);
    if (backing === undefined) this.#pods.set(key, (backing = { pod, ports: new Set() }));
    addPodLabels(target, pod, this.#around);
    const { number } = port;
    if (number === undefined) return;
    backing.ports.add(number);
    for (const entry of containersOf(pod)) {
      const declared = entry.container.ports.find(({ containerPort }) => containerPort === number);
      if (declared !== undefined)
        addContainerLabels(target, entry, { ...declared, protocol: port.protocolOf(declared) });
    }
  }

  /** Targets of the declared ports that nothing has used so far, at the pods' own addresses. */
  extraTargets(): LabelSet[] {
    const targets: LabelSet[] = [];
    for (const { pod, ports } of this.#pods.values()) {
      if (pod.status.podIP === "") continue;
      for (const entry of containersOf(pod))
        for (const port of entry.container.ports) {
          if (ports.has(port.containerPort)) continue;
          const target: Labels = new Map([
            [addressLabel, join(pod.status.podIP, port.containerPort)],
          ]);
          addContainerLabels(target, entry, port);
          addPodLabels(target, pod, this.#around);
          targets.push(target);
        }
    }
    return targets;
  }
}
