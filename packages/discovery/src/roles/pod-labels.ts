import type { ContainerPort, DiscoveryContainer, DiscoveryPod } from "@kube-state-mosaic/wire";
import { controllerOf } from "../kubernetes-objects.ts";
import { addObjectMeta, prefix } from "../labels.ts";
import type { Labels } from "../target-group.ts";
import type { Surroundings } from "./surroundings.ts";

const ip = `${prefix}pod_ip`;
const ready = `${prefix}pod_ready`;
const phase = `${prefix}pod_phase`;
const nodeName = `${prefix}pod_node_name`;
const hostIp = `${prefix}pod_host_ip`;
const uid = `${prefix}pod_uid`;
const controllerKind = `${prefix}pod_controller_kind`;
const controllerName = `${prefix}pod_controller_name`;
const deploymentName = `${prefix}pod_deployment_name`;
const jobName = `${prefix}pod_job_name`;
const cronjobName = `${prefix}pod_cronjob_name`;

/** What a pod says about itself and its owners, in whichever role it shows; the namespace is not among it. */
export function addPodLabels(labels: Labels, pod: DiscoveryPod, around: Surroundings): void {
  const { metadata, spec, status } = pod;
  const readiness = status.conditions.find(({ type }) => type === "Ready");
  labels.set(ip, status.podIP);
  labels.set(ready, readiness === undefined ? "unknown" : readiness.status.toLowerCase());
  labels.set(phase, status.phase);
  labels.set(nodeName, spec.nodeName);
  labels.set(hostIp, status.hostIP);
  labels.set(uid, metadata.uid);
  addObjectMeta(labels, "pod", metadata);
  const controller = controllerOf(metadata);
  if (controller === undefined) return;
  const { kind, name } = controller;
  if (kind !== "") labels.set(controllerKind, kind);
  if (name !== "") labels.set(controllerName, name);
  addOwnersOwner(labels, { key: `${metadata.namespace}/${name}`, kind, name }, around);
}

function addOwnersOwner(
  labels: Labels,
  { key, kind, name }: { key: string; kind: string; name: string },
  around: Surroundings,
): void {
  const { deployment, job, cronjob } = around.attach;
  if (kind === "ReplicaSet" && deployment) {
    const owner = ownerOf(around.replicaSet(key), "Deployment");
    if (owner !== undefined) labels.set(deploymentName, owner);
  }
  if (kind !== "Job") return;
  if (job) labels.set(jobName, name);
  if (!cronjob) return;
  const owner = ownerOf(around.job(key), "CronJob");
  if (owner !== undefined) labels.set(cronjobName, owner);
}

function ownerOf(object: ReturnType<Surroundings["job"]>, kind: string): string | undefined {
  const controller = object && controllerOf(object.metadata);
  return controller?.kind === kind ? controller.name : undefined;
}

/** Containers in the order of discovery, and whether each is an init container. */
export function containersOf({
  spec,
}: DiscoveryPod): { readonly container: DiscoveryContainer; readonly init: boolean }[] {
  return [
    ...spec.containers.map((container) => ({ container, init: false })),
    ...spec.initContainers.map((container) => ({ container, init: true })),
  ];
}

/** The container and, where there is one, its port. */
export function addContainerLabels(
  labels: Labels,
  { container, init }: { readonly container: DiscoveryContainer; readonly init: boolean },
  port?: ContainerPort,
): void {
  labels.set(containerName, container.name);
  labels.set(containerImage, container.image);
  labels.set(containerInit, init ? "true" : "false");
  if (port === undefined) return;
  labels.set(portName, port.name);
  labels.set(portNumber, String(port.containerPort));
  labels.set(portProtocol, port.protocol);
}

const containerName = `${prefix}pod_container_name`;
const containerImage = `${prefix}pod_container_image`;
const containerInit = `${prefix}pod_container_init`;
const portName = `${prefix}pod_container_port_name`;
const portNumber = `${prefix}pod_container_port_number`;
const portProtocol = `${prefix}pod_container_port_protocol`;
