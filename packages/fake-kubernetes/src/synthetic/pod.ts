import type { KubernetesObject, ManagedFields } from "../kubernetes-object.ts";
import { ownerOf, time, type Workload } from "./workload.ts";

/** What makes one pod of a workload differ from the others. */
export interface PodSeed {
  readonly name: string;
  readonly uid: string;
  /** "" while unscheduled. */
  readonly nodeName: string;
  /** Numbers the addresses. */
  readonly number: number;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed";
  readonly restarts: number;
  readonly createdAt: number;
}

/** The facts selectors need, without making the pod. */
export function podFacts(
  workload: Workload,
  seed: PodSeed,
): {
  namespace: string;
  name: string;
  uid: string;
  labels: Readonly<Record<string, string>>;
  nodeName: string;
  phase: string;
} {
  return {
    namespace: workload.namespace,
    name: seed.name,
    uid: seed.uid,
    labels: workload.labels,
    nodeName: seed.nodeName,
    phase: seed.phase,
  };
}

/** A pod with two containers and a status as its kubelet would write it: about 9.5 KB of JSON. */
export function makePod(workload: Workload, seed: PodSeed): KubernetesObject {
  return {
    metadata: {
      name: seed.name,
      generateName: `${ownerOf(workload).name ?? ""}-`,
      namespace: workload.namespace,
      uid: seed.uid,
      generation: 1,
      creationTimestamp: time(seed.createdAt),
      labels: { ...workload.labels },
      annotations: {
        "checksum/config": `${workload.templateHash}${workload.templateHash}${workload.uid}`,
        "prometheus.io/port": "8080",
        "prometheus.io/scrape": "true",
      },
      ownerReferences: [ownerOf(workload)],
      managedFields: managedFields(seed.createdAt),
    },
    spec: podSpec(workload, seed),
    status: podStatus(workload, seed),
  };
}

function podSpec(workload: Workload, seed: PodSeed): unknown {
  const volume = `kube-api-access-${workload.templateHash.slice(0, 5)}`;
  return {
    volumes: [
      {
        name: volume,
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
            { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
          ],
          defaultMode: 420,
        },
      },
      { name: "config", configMap: { name: `${workload.name}-config`, defaultMode: 420 } },
      { name: "scratch", emptyDir: {} },
      ...(workload.kind === "StatefulSet"
        ? [{ name: "data", persistentVolumeClaim: { claimName: `data-${seed.name}` } }]
        : []),
    ],
    containers: [
      container("app", workload.image, { volume, port: 8080, cpu: "250m", memory: "512Mi" }),
      container("sidecar", "registry.example/proxy:v2.4.1", {
        volume,
        port: 9901,
        cpu: "50m",
        memory: "64Mi",
      }),
    ],
    restartPolicy: workload.kind === "Job" ? "Never" : "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    serviceAccountName: "default",
    serviceAccount: "default",
    ...(seed.nodeName === "" ? {} : { nodeName: seed.nodeName }),
    securityContext: {},
    schedulerName: "default-scheduler",
    tolerations: ["not-ready", "unreachable"].map((taint) => ({
      key: `node.kubernetes.io/${taint}`,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: 300,
    })),
    priorityClassName: "workload",
    priority: 1000,
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
  };
}

function container(
  name: string,
  image: string,
  details: {
    readonly volume: string;
    readonly port: number;
    readonly cpu: string;
    readonly memory: string;
  },
): unknown {
  const { volume, port, cpu, memory } = details;
  return {
    name,
    image,
    ports: [{ name: "http", containerPort: port, protocol: "TCP" }],
    env: [
      { name: "POD_IP", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "status.podIP" } } },
    ],
    resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu, memory } },
    volumeMounts: [
      {
        name: volume,
        readOnly: true,
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
      },
    ],
    readinessProbe: {
      httpGet: { path: "/ready", port: "http", scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: "IfNotPresent",
  };
}

function podStatus(workload: Workload, seed: PodSeed): unknown {
  const { phase, number, createdAt, nodeName } = seed;
  const ready = phase === "Running";
  const nodeNumber = Number(nodeName.slice("node-".length));
  const condition = (type: string, holds: boolean, seconds: number): unknown => ({
    type,
    status: holds ? "True" : "False",
    ...(holds ? {} : { reason: "ContainersNotReady" }),
    lastProbeTime: null,
    lastTransitionTime: time(createdAt + seconds),
  });
  if (phase === "Pending")
    return {
      phase,
      conditions: [
        nodeName === ""
          ? { ...Object(condition("PodScheduled", false, 0)), reason: "Unschedulable" }
          : condition("PodScheduled", true, 1),
      ],
      qosClass: "Burstable",
    };
  return {
    observedGeneration: 1,
    phase,
    conditions: [
      condition("PodReadyToStartContainers", ready, 2),
      condition("Initialized", true, 1),
      condition("Ready", ready, 8),
      condition("ContainersReady", ready, 8),
      condition("PodScheduled", true, 1),
    ],
    hostIP: nodeAddress(nodeNumber),
    hostIPs: [{ ip: nodeAddress(nodeNumber) }],
    podIP: podAddress(number),
    podIPs: [{ ip: podAddress(number) }],
    startTime: time(createdAt + 1),
    containerStatuses: [
      containerStatus("app", workload.image, seed),
      containerStatus("sidecar", "registry.example/proxy:v2.4.1", seed),
    ],
    qosClass: "Burstable",
  };
}

function containerStatus(name: string, image: string, seed: PodSeed): unknown {
  const { phase, uid, createdAt } = seed;
  const id = `containerd://${uid.replaceAll("-", "")}${uid.replaceAll("-", "")}`;
  const ended = (exitCode: number): unknown => ({
    terminated: {
      exitCode,
      reason: exitCode === 0 ? "Completed" : "Error",
      startedAt: time(createdAt + 5),
      finishedAt: time(createdAt + 60),
      containerID: id,
    },
  });
  const crashed = name === "app" && seed.restarts > 0;
  return {
    name,
    state:
      phase === "Running"
        ? { running: { startedAt: time(createdAt + 5 + seed.restarts * 60) } }
        : ended(phase === "Succeeded" ? 0 : 1),
    lastState: crashed ? ended(137) : {},
    ready: phase === "Running",
    restartCount: crashed ? seed.restarts : 0,
    image,
    imageID: `registry.example/${name}@sha256:${uid.replaceAll("-", "")}${uid.replaceAll("-", "")}`,
    containerID: id,
    started: phase === "Running",
  };
}

/** One address for each of 4 million pods. */
export function podAddress(number: number): string {
  return `10.${64 + ((number >>> 16) % 64)}.${(number >>> 8) % 256}.${number % 256}`;
}

export function nodeAddress(number: number): string {
  return `192.168.${Math.floor(number / 250) % 256}.${1 + (number % 250)}`;
}

/** What two managers own of a pod: filler of a realistic size, shared by all pods. */
function managedFields(createdAt: number): ManagedFields[] {
  return [
    {
      manager: "kube-controller-manager",
      operation: "Update",
      apiVersion: "v1",
      time: time(createdAt),
      fieldsType: "FieldsV1",
      fieldsV1: specFields,
    },
    {
      manager: "kubelet",
      operation: "Update",
      apiVersion: "v1",
      time: time(createdAt + 8),
      fieldsType: "FieldsV1",
      fieldsV1: statusFields,
      subresource: "status",
    },
  ];
}

const owned = (...names: string[]): Record<string, unknown> =>
  Object.fromEntries([[".", {}], ...names.map((name): [string, unknown] => [`f:${name}`, {}])]);

const environmentFields = Object.fromEntries(
  ["POD_IP", "POD_NAME", "POD_NAMESPACE", "NODE_NAME", "LOG_LEVEL", "REGION", "TRACE_ENDPOINT"].map(
    (name) => [
      `k:{"name":"${name}"}`,
      { ...owned("name"), "f:valueFrom": { ".": {}, "f:fieldRef": {} } },
    ],
  ),
);

const probeFields = {
  ...owned("failureThreshold", "periodSeconds", "successThreshold", "timeoutSeconds"),
  "f:httpGet": owned("path", "port", "scheme"),
};

const containerFields = {
  "f:env": { ".": {}, ...environmentFields },
  "f:livenessProbe": probeFields,
  ...owned("image", "imagePullPolicy", "name", "terminationMessagePath"),
  "f:ports": {
    ".": {},
    'k:{"containerPort":8080,"protocol":"TCP"}': owned("containerPort", "name", "protocol"),
  },
  "f:readinessProbe": probeFields,
  "f:resources": {
    ".": {},
    "f:limits": owned("cpu", "memory"),
    "f:requests": owned("cpu", "memory"),
  },
  "f:volumeMounts": {
    ".": {},
    'k:{"mountPath":"/etc/config"}': owned("mountPath", "name", "readOnly"),
  },
};

const specFields = {
  "f:metadata": {
    "f:annotations": owned("checksum/config", "prometheus.io/port", "prometheus.io/scrape"),
    "f:generateName": {},
    "f:labels": owned(
      "app.kubernetes.io/name",
      "app.kubernetes.io/version",
      "pod-template-hash",
      "team",
    ),
    "f:ownerReferences": { ".": {}, 'k:{"uid":"owner"}': {} },
  },
  "f:spec": {
    ...owned(
      "dnsPolicy",
      "enableServiceLinks",
      "priorityClassName",
      "restartPolicy",
      "schedulerName",
    ),
    "f:containers": {
      'k:{"name":"app"}': containerFields,
      'k:{"name":"sidecar"}': containerFields,
    },
    "f:securityContext": {},
    "f:terminationGracePeriodSeconds": {},
    "f:volumes": {
      ".": {},
      'k:{"name":"config"}': { ".": {}, "f:configMap": owned("defaultMode", "name"), "f:name": {} },
      'k:{"name":"scratch"}': owned("emptyDir", "name"),
    },
  },
};

const conditionFields = owned("lastProbeTime", "lastTransitionTime", "status", "type");

const statusFields = {
  "f:status": {
    "f:conditions": Object.fromEntries(
      ["ContainersReady", "Initialized", "PodReadyToStartContainers", "Ready"].map((type) => [
        `k:{"type":"${type}"}`,
        conditionFields,
      ]),
    ),
    ...owned(
      "containerStatuses",
      "hostIP",
      "hostIPs",
      "observedGeneration",
      "phase",
      "podIP",
      "startTime",
    ),
    "f:podIPs": { ".": {}, 'k:{"ip":"10.64.0.1"}': owned("ip") },
  },
};
