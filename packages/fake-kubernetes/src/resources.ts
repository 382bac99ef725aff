/** One resource the server serves. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  /** Plural, lower case: `pods`. */
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly subresources: readonly ("status" | "scale")[];
  /** Served as JSON with sorted keys, never as protobuf, without shardInfo. */
  readonly custom: boolean;
  /** Cluster-wide path: `/apis/apps/v1/deployments`. */
  readonly path: string;
}

// name, group, version, kind, scope (N namespaced, C cluster), sub-resources
const table = `
certificatesigningrequests certificates.k8s.io v1 CertificateSigningRequest C status
clusterrolebindings rbac.authorization.k8s.io v1 ClusterRoleBinding C
clusterroles rbac.authorization.k8s.io v1 ClusterRole C
configmaps - v1 ConfigMap N
cronjobs batch v1 CronJob N status
customresourcedefinitions apiextensions.k8s.io v1 CustomResourceDefinition C status
daemonsets apps v1 DaemonSet N status
deployments apps v1 Deployment N status,scale
endpoints - v1 Endpoints N
endpointslices discovery.k8s.io v1 EndpointSlice N
horizontalpodautoscalers autoscaling v2 HorizontalPodAutoscaler N status
ingressclasses networking.k8s.io v1 IngressClass C
ingresses networking.k8s.io v1 Ingress N status
jobs batch v1 Job N status
leases coordination.k8s.io v1 Lease N
limitranges - v1 LimitRange N
mutatingadmissionpolicies admissionregistration.k8s.io v1 MutatingAdmissionPolicy C
mutatingadmissionpolicybindings admissionregistration.k8s.io v1 MutatingAdmissionPolicyBinding C
mutatingwebhookconfigurations admissionregistration.k8s.io v1 MutatingWebhookConfiguration C
namespaces - v1 Namespace C status
networkpolicies networking.k8s.io v1 NetworkPolicy N
nodes - v1 Node C status
persistentvolumeclaims - v1 PersistentVolumeClaim N status
persistentvolumes - v1 PersistentVolume C status
poddisruptionbudgets policy v1 PodDisruptionBudget N status
pods - v1 Pod N status
replicasets apps v1 ReplicaSet N status,scale
replicationcontrollers - v1 ReplicationController N status,scale
resourcequotas - v1 ResourceQuota N status
rolebindings rbac.authorization.k8s.io v1 RoleBinding N
roles rbac.authorization.k8s.io v1 Role N
secrets - v1 Secret N
serviceaccounts - v1 ServiceAccount N
services - v1 Service N status
statefulsets apps v1 StatefulSet N status,scale
storageclasses storage.k8s.io v1 StorageClass C
validatingadmissionpolicies admissionregistration.k8s.io v1 ValidatingAdmissionPolicy C status
validatingadmissionpolicybindings admissionregistration.k8s.io v1 ValidatingAdmissionPolicyBinding C
validatingwebhookconfigurations admissionregistration.k8s.io v1 ValidatingWebhookConfiguration C
volumeattachments storage.k8s.io v1 VolumeAttachment C status
`;

/** The 39 built-in resources of the exporter, and customresourcedefinitions. */
export const builtInResources: readonly ApiResource[] = table
  .trim()
  .split("\n")
  .map((line) => {
    const [name = "", group = "", version = "", kind = "", scope, subresources = ""] =
      line.split(" ");
    return apiResource({
      group: group === "-" ? "" : group,
      version,
      name,
      kind,
      namespaced: scope === "N",
      subresources: subresources
        .split(",")
        .filter((one): one is "status" | "scale" => one === "status" || one === "scale"),
      custom: false,
    });
  });

/** Fills in the path. */
export function apiResource(definition: Omit<ApiResource, "path">): ApiResource {
  return {
    ...definition,
    path: `${groupPath(definition.group, definition.version)}/${definition.name}`,
  };
}

/** `/api/v1` for the core group, else `/apis/<group>/<version>`. */
export function groupPath(group: string, version: string): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(resource: ApiResource): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** The name by which Status messages call a resource: `pods`, `deployments.apps`. */
export function qualifiedName(resource: ApiResource): string {
  return resource.group === "" ? resource.name : `${resource.name}.${resource.group}`;
}
