// The schema language and how values are made from it.
export { omit, type Decoded, type Fields, type Message } from "./schema.ts";
export {
  jsonField,
  jsonMessage,
  jsonObject,
  type JsonObject,
  type JsonValue,
} from "./json-schema.ts";
export { decode } from "./decode.ts";
export { decodeJson } from "./json-decode.ts";
export { decodeProtobuf, type Range } from "./protobuf-decode.ts";
export { parseJson } from "./json-parse.ts";

// What a response is cut into.
export type {
  Encoding,
  ListMetadata,
  ListReader,
  RawObject,
  Status,
  WatchEvent,
  WatchReader,
} from "./raw-object.ts";

export { createListReader, createWatchReader } from "./readers.ts";
export { parseStatus } from "./status.ts";

// The other way, for fake API servers and tests.
export {
  encodeList,
  encodeObject,
  encodeProtobuf,
  encodeStatus,
  encodeWatchFrame,
  type TypeMeta,
} from "./protobuf-encode.ts";

// The messages, one file per API group.
export { objectMeta, type OwnerReference, type ObjectMeta } from "./schema/object-meta.ts";
export {
  type ObjectReference,
  type LocalObjectReference,
  type TypedLocalObjectReference,
} from "./schema/object-reference.ts";
export {
  pod,
  type Volume,
  type Container,
  type Toleration,
  type PodResourceClaim,
  type PodCondition,
  type ContainerStatus,
  type PodIP,
  type PodResourceClaimStatus,
  type Pod,
} from "./schema/pod.ts";
export {
  node,
  type Taint,
  type NodeCondition,
  type NodeAddress,
  type Node,
} from "./schema/node.ts";
export {
  persistentVolume,
  persistentVolumeClaim,
  type PersistentVolume,
  type PersistentVolumeClaimCondition,
  type PersistentVolumeClaim,
} from "./schema/persistentvolume.ts";
export {
  service,
  endpoints,
  type ServicePort,
  type LoadBalancerIngress,
  type Service,
  type EndpointAddress,
  type EndpointPort,
  type EndpointSubset,
  type Endpoints,
} from "./schema/service.ts";
export {
  namespace,
  configMap,
  secret,
  serviceAccount,
  limitRange,
  resourceQuota,
  replicationController,
  type NamespaceCondition,
  type Namespace,
  type ConfigMap,
  type Secret,
  type ServiceAccount,
  type LimitRangeItem,
  type LimitRange,
  type ResourceQuota,
  type ReplicationController,
} from "./schema/core.ts";
export {
  daemonSet,
  deployment,
  replicaSet,
  statefulSet,
  type DaemonSet,
  type DeploymentCondition,
  type Deployment,
  type ReplicaSet,
  type StatefulSet,
} from "./schema/apps.ts";
export {
  horizontalPodAutoscaler,
  type MetricSpec,
  type MetricStatus,
  type HorizontalPodAutoscalerCondition,
  type HorizontalPodAutoscaler,
} from "./schema/autoscaling.ts";
export { cronJob, job, type CronJob, type JobCondition, type Job } from "./schema/batch.ts";
export {
  certificateSigningRequest,
  type CertificateSigningRequestCondition,
  type CertificateSigningRequest,
} from "./schema/certificates.ts";
export { lease, type Lease } from "./schema/coordination.ts";
export {
  endpointSlice,
  type ForZone,
  type Endpoint,
  type EndpointSlicePort,
  type EndpointSlice,
} from "./schema/endpointslice.ts";
export {
  ingressClass,
  ingress,
  networkPolicy,
  type IngressClass,
  type IngressTLS,
  type HTTPIngressPath,
  type IngressRule,
  type Ingress,
  type NetworkPolicy,
} from "./schema/networking.ts";
export { podDisruptionBudget, type PodDisruptionBudget } from "./schema/policy.ts";
export {
  clusterRoleBinding,
  clusterRole,
  roleBinding,
  role,
  type ClusterRoleBinding,
  type ClusterRole,
  type RoleBinding,
  type Role,
} from "./schema/rbac.ts";
export {
  storageClass,
  volumeAttachment,
  type StorageClass,
  type VolumeAttachment,
} from "./schema/storage.ts";
export {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
  validatingAdmissionPolicy,
  validatingAdmissionPolicyBinding,
  validatingWebhookConfiguration,
  type MutatingAdmissionPolicy,
  type MutatingAdmissionPolicyBinding,
  type MutatingWebhook,
  type MutatingWebhookConfiguration,
  type ValidatingAdmissionPolicy,
  type ValidatingAdmissionPolicyBinding,
  type ValidatingWebhook,
  type ValidatingWebhookConfiguration,
} from "./schema/admissionregistration.ts";
export {
  partialObjectMetadata,
  type PartialObjectMetadata,
} from "./schema/partial-object-metadata.ts";
export {
  discoveryEndpoints,
  discoveryPod,
  type ContainerPort,
  type DiscoveryContainer,
  type DiscoveryEndpointAddress,
  type DiscoveryEndpoints,
  type DiscoveryPod,
} from "./schema/service-discovery.ts";
