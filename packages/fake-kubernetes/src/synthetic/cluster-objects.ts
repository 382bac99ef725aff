import type { KubernetesObject } from "../kubernetes-object.ts";
import { clusterBirth } from "./node.ts";
import { time, type Workload } from "./workload.ts";

type Named = [string, () => KubernetesObject];

/** Configuration and policy that come with a workload: more of the common kinds than of the rare ones. */
export function configurationObjects(workload: Workload, number: number): Named[] {
  const objects: Named[] = [
    [
      "configmaps",
      () => ({ ...named(workload, "-config"), data: { "app.yaml": "level: info\n" } }),
    ],
  ];
  if (number % 2 === 0)
    objects.push([
      "secrets",
      () => ({
        ...named(workload, "-tls"),
        type: "kubernetes.io/tls",
        data: { "tls.key": "AA==" },
      }),
    ]);
  if (number % 3 === 0 && workload.kind === "Deployment")
    objects.push(
      ["horizontalpodautoscalers", () => autoscaler(workload)],
      ["poddisruptionbudgets", () => disruptionBudget(workload)],
    );
  if (number % 10 === 0) objects.push(["networkpolicies", () => networkPolicy(workload)]);
  if (workload.kind === "Job" && number % 24 === 5)
    objects.push(["cronjobs", () => cronJob(workload)]);
  return objects;
}

/** The volume of one pod of a stateful set, and its claim. */
export function storageObjects(workload: Workload, pod: { name: string; uid: string }): Named[] {
  const volume = `pvc-${pod.uid}`;
  const claim = `data-${pod.name}`;
  const capacity = { storage: "20Gi" };
  return [
    [
      "persistentvolumes",
      () => ({
        metadata: { name: volume, creationTimestamp: time(workload.createdAt) },
        spec: {
          capacity,
          csi: { driver: "block.csi.example", volumeHandle: volume },
          accessModes: ["ReadWriteOnce"],
          claimRef: { kind: "PersistentVolumeClaim", namespace: workload.namespace, name: claim },
          persistentVolumeReclaimPolicy: "Delete",
          storageClassName: "fast",
          volumeMode: "Filesystem",
        },
        status: { phase: "Bound" },
      }),
    ],
    [
      "persistentvolumeclaims",
      () => ({
        metadata: {
          name: claim,
          namespace: workload.namespace,
          creationTimestamp: time(workload.createdAt),
        },
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: capacity },
          volumeName: volume,
          storageClassName: "fast",
          volumeMode: "Filesystem",
        },
        status: { phase: "Bound", accessModes: ["ReadWriteOnce"], capacity },
      }),
    ],
  ];
}

/** What each namespace has. */
export function namespaceObjects(namespace: string): Named[] {
  const metadata = (name: string): KubernetesObject => ({
    metadata: { name, namespace, creationTimestamp: time(clusterBirth) },
  });
  return [
    ["serviceaccounts", () => metadata("default")],
    ["configmaps", () => ({ ...metadata("kube-root-ca.crt"), data: { "ca.crt": "certificate" } })],
    [
      "resourcequotas",
      () => ({
        ...metadata("team"),
        spec: { hard: { "requests.cpu": "2k", pods: "5k" } },
        status: {
          hard: { "requests.cpu": "2k", pods: "5k" },
          used: { "requests.cpu": "1", pods: "3" },
        },
      }),
    ],
    [
      "limitranges",
      () => ({
        ...metadata("defaults"),
        spec: {
          limits: [
            {
              type: "Container",
              default: { cpu: "1", memory: "1Gi" },
              defaultRequest: { cpu: "50m", memory: "64Mi" },
            },
          ],
        },
      }),
    ],
    [
      "roles",
      () => ({
        ...metadata("reader"),
        rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      }),
    ],
    [
      "rolebindings",
      () => ({
        ...metadata("reader"),
        subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      }),
    ],
  ];
}

/** One or a few of everything else, so that no resource is empty. */
export function rareObjects(): Named[] {
  const clusterWide = (name: string): KubernetesObject => ({
    metadata: { name, creationTimestamp: time(clusterBirth) },
  });
  const webhook = {
    name: "check.policy.example",
    clientConfig: { service: { namespace: "kube-system", name: "policy" } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  };
  const binding = { spec: { policyName: "no-latest", validationActions: ["Deny"] } };
  return [
    [
      "storageclasses",
      () => ({
        ...clusterWide("fast"),
        provisioner: "block.csi.example",
        reclaimPolicy: "Delete",
        volumeBindingMode: "WaitForFirstConsumer",
      }),
    ],
    [
      "volumeattachments",
      () => ({
        ...clusterWide("csi-attachment-0"),
        spec: {
          attacher: "block.csi.example",
          nodeName: "node-0000",
          source: { persistentVolumeName: "pvc-0" },
        },
        status: { attached: true },
      }),
    ],
    [
      "ingressclasses",
      () => ({ ...clusterWide("nginx"), spec: { controller: "ingress.example/nginx" } }),
    ],
    ["clusterroles", () => ({ ...clusterWide("viewer"), rules: [] })],
    [
      "clusterrolebindings",
      () => ({
        ...clusterWide("viewers"),
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "viewer" },
      }),
    ],
    [
      "certificatesigningrequests",
      () => ({
        ...clusterWide("csr-node-0000"),
        spec: {
          request: "AA==",
          signerName: "kubernetes.io/kubelet-serving",
          usages: ["server auth"],
        },
        status: { conditions: [{ type: "Approved", status: "True" }], certificate: "AA==" },
      }),
    ],
    [
      "replicationcontrollers",
      () => ({
        metadata: { name: "legacy", namespace: "default", creationTimestamp: time(clusterBirth) },
        spec: { replicas: 0, selector: { app: "legacy" } },
        status: { replicas: 0, observedGeneration: 1 },
      }),
    ],
    ["mutatingwebhookconfigurations", () => ({ ...clusterWide("policy"), webhooks: [webhook] })],
    ["validatingwebhookconfigurations", () => ({ ...clusterWide("policy"), webhooks: [webhook] })],
    ["mutatingadmissionpolicies", () => ({ ...clusterWide("defaults"), spec: {} })],
    ["mutatingadmissionpolicybindings", () => ({ ...clusterWide("defaults"), ...binding })],
    ["validatingadmissionpolicies", () => ({ ...clusterWide("no-latest"), spec: {} })],
    ["validatingadmissionpolicybindings", () => ({ ...clusterWide("no-latest"), ...binding })],
  ];
}

function named(workload: Workload, suffix: string): KubernetesObject {
  return {
    metadata: {
      name: `${workload.name}${suffix}`,
      namespace: workload.namespace,
      creationTimestamp: time(workload.createdAt),
      labels: { "app.kubernetes.io/name": workload.name },
    },
  };
}

function autoscaler(workload: Workload): KubernetesObject {
  return {
    ...named(workload, ""),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: workload.name },
      minReplicas: 1,
      maxReplicas: workload.replicas * 2,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
        },
      ],
    },
    status: {
      observedGeneration: 1,
      currentReplicas: workload.replicas,
      desiredReplicas: workload.replicas,
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 40, averageValue: "100m" } },
        },
      ],
      conditions: [{ type: "AbleToScale", status: "True" }],
    },
  };
}

function disruptionBudget(workload: Workload): KubernetesObject {
  return {
    ...named(workload, ""),
    spec: {
      minAvailable: 1,
      selector: { matchLabels: { "app.kubernetes.io/name": workload.name } },
    },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: workload.replicas - 1,
      currentHealthy: workload.replicas,
      desiredHealthy: 1,
      expectedPods: workload.replicas,
    },
  };
}

function networkPolicy(workload: Workload): KubernetesObject {
  return {
    ...named(workload, ""),
    spec: {
      podSelector: { matchLabels: { "app.kubernetes.io/name": workload.name } },
      ingress: [{}],
      policyTypes: ["Ingress"],
    },
  };
}

function cronJob(workload: Workload): KubernetesObject {
  return {
    ...named(workload, "-nightly"),
    spec: {
      schedule: "15 3 * * *",
      concurrencyPolicy: "Forbid",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: {} },
    },
    status: { lastScheduleTime: time(workload.createdAt) },
  };
}
