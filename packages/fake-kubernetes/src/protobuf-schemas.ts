import * as wire from "@kube-state-mosaic/wire";
import { ByteWriter } from "./byte-writer.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import type { ApiResource } from "./resources.ts";
import { writeMessage } from "./schema-writer.ts";

const schemas: Readonly<Record<string, wire.Message<unknown>>> = {
  certificatesigningrequests: wire.certificateSigningRequest,
  clusterrolebindings: wire.clusterRoleBinding,
  clusterroles: wire.clusterRole,
  configmaps: wire.configMap,
  cronjobs: wire.cronJob,
  daemonsets: wire.daemonSet,
  deployments: wire.deployment,
  endpoints: union(wire.endpoints, wire.discoveryEndpoints),
  endpointslices: wire.endpointSlice,
  horizontalpodautoscalers: wire.horizontalPodAutoscaler,
  ingressclasses: wire.ingressClass,
  ingresses: wire.ingress,
  jobs: wire.job,
  leases: wire.lease,
  limitranges: wire.limitRange,
  mutatingadmissionpolicies: wire.mutatingAdmissionPolicy,
  mutatingadmissionpolicybindings: wire.mutatingAdmissionPolicyBinding,
  mutatingwebhookconfigurations: wire.mutatingWebhookConfiguration,
  namespaces: wire.namespace,
  networkpolicies: wire.networkPolicy,
  nodes: wire.node,
  persistentvolumeclaims: wire.persistentVolumeClaim,
  persistentvolumes: wire.persistentVolume,
  poddisruptionbudgets: wire.podDisruptionBudget,
  pods: union(wire.pod, wire.discoveryPod),
  replicasets: wire.replicaSet,
  replicationcontrollers: wire.replicationController,
  resourcequotas: wire.resourceQuota,
  rolebindings: wire.roleBinding,
  roles: wire.role,
  secrets: wire.secret,
  serviceaccounts: wire.serviceAccount,
  services: wire.service,
  statefulsets: wire.statefulSet,
  storageclasses: wire.storageClass,
  validatingadmissionpolicies: wire.validatingAdmissionPolicy,
  validatingadmissionpolicybindings: wire.validatingAdmissionPolicyBinding,
  validatingwebhookconfigurations: wire.validatingWebhookConfiguration,
  volumeattachments: wire.volumeAttachment,
};

const writer = new ByteWriter();

/** Metadata is written in full by this package; the schemas declare only what the exporter reads of it. */
const bodies = Object.fromEntries(
  Object.entries(schemas).map(([name, schema]) => {
    const { metadata: _metadata, ...fields } = schema.fields;
    return [name, { ...schema, fields }];
  }),
);

/** The schema by which a resource is encoded. */
export function schemaOf(resource: string): wire.Message<unknown> | undefined {
  return schemas[resource];
}

/** Whether objects of the resource can be had as protobuf. */
export function hasProtobuf(resource: ApiResource): boolean {
  return !resource.custom && schemas[resource.name] !== undefined;
}

/** The fields after metadata, as far as the wire schema declares them; a real server sends more. */
export function encodeBody(resource: ApiResource, object: KubernetesObject): Buffer {
  const schema = bodies[resource.name];
  if (schema === undefined) return Buffer.alloc(0);
  writeMessage(writer, schema, object);
  return writer.take();
}

/** All fields of both: the server sends what either reader wants. */
function union(left: wire.Message<unknown>, right: wire.Message<unknown>): wire.Message<unknown> {
  const fields = { ...left.fields };
  for (const [name, field] of Object.entries(right.fields)) {
    const known = fields[name];
    fields[name] =
      known?.message === undefined || field.message === undefined
        ? (known ?? field)
        : { ...known, message: union(known.message, field.message) };
  }
  return { name: left.name, fields };
}
