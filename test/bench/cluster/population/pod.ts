import type { KubernetesObject } from "../etcd-key.ts";
import { type Owner, after, metadata } from "./metadata.ts";
import type { Random } from "./random.ts";

/** What a pod is one of. */
export interface Placement {
  readonly owner: Owner;
  readonly namespace: string;
  readonly app: string;
  readonly node: string;
}

/** A running pod of two containers and an init container, with all that the API server, a scheduler and a kubelet would have written: 9 to 10 KB of JSON. */
export function pod(random: Random, { owner, namespace, app, node }: Placement): KubernetesObject {
  const name = `${owner.metadata.name}-${random.hex(5)}`;
  const hash = random.hex(10);
  const meta = metadata(random, {
    name,
    namespace,
    owner,
    labels: {
      "app.kubernetes.io/name": app,
      "app.kubernetes.io/version": `1.${random.below(20)}.${random.below(10)}`,
      "pod-template-hash": hash,
      team: `team-${random.below(30)}`,
    },
    annotations: {
      "checksum/config": random.hex(64),
      "example.org/build": random.hex(200),
      "example.org/scrape": "true",
    },
  });
  const start = meta.creationTimestamp;
  const ip = `10.${64 + random.below(64)}.${random.below(256)}.${1 + random.below(254)}`;
  const hostIp = `192.168.${random.below(256)}.${1 + random.below(254)}`;
  const names = ["main", "proxy"] as const;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...meta, generateName: `${owner.metadata.name}-`, managedFields: managed(start) },
    spec: {
      volumes: [
        { name: "config", configMap: { name: app, defaultMode: 420 } },
        { name: "scratch", emptyDir: {} },
        { name: "kube-api-access-x7k2p", projected: { defaultMode: 420, sources: tokenSources } },
      ],
      initContainers: [container(app, "prepare", random)],
      containers: names.map((one) => container(app, one, random)),
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      nodeSelector: { "kubernetes.io/os": "linux" },
      serviceAccountName: "default",
      serviceAccount: "default",
      nodeName: node,
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, fsGroup: 65_532 },
      schedulerName: "default-scheduler",
      tolerations: ["not-ready", "unreachable"].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
    },
    status: {
      phase: "Running",
      conditions: [
        "PodReadyToStartContainers",
        "Initialized",
        "Ready",
        "ContainersReady",
        "PodScheduled",
      ].map((type, i) => ({ type, status: "True", lastTransitionTime: after(start, i * 2) })),
      hostIP: hostIp,
      hostIPs: [{ ip: hostIp }],
      podIP: ip,
      podIPs: [{ ip }],
      startTime: start,
      initContainerStatuses: [
        {
          ...containerStatus(app, "prepare", random),
          started: false,
          state: {
            terminated: {
              exitCode: 0,
              reason: "Completed",
              startedAt: after(start, 2),
              finishedAt: after(start, 5),
            },
          },
        },
      ],
      containerStatuses: names.map((one) => ({
        ...containerStatus(app, one, random),
        started: true,
        restartCount: random.below(4),
        state: { running: { startedAt: after(start, 6) } },
      })),
      qosClass: "Burstable",
    },
  };
}

function container(app: string, name: string, random: Random): object {
  return {
    name,
    image: image(app, name),
    args: ["--config=/etc/app/config.yaml", `--instance=${name}`, "--log-format=json"],
    ports: [{ name: "http", containerPort: 8_080, protocol: "TCP" }],
    env: [
      ...["LOG_LEVEL", "REGION", "CLUSTER", "OTEL_EXPORTER_OTLP_ENDPOINT"].map((variable) => ({
        name: variable,
        value: `value-of-${variable.toLowerCase()}-${random.hex(56)}`,
      })),
      {
        name: "POD_NAME",
        valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } },
      },
    ],
    resources: {
      limits: { cpu: "1", memory: `${256 + 64 * random.below(8)}Mi` },
      requests: { cpu: `${50 + 10 * random.below(20)}m`, memory: "128Mi" },
    },
    volumeMounts: [
      { name: "config", mountPath: "/etc/app", readOnly: true },
      { name: "scratch", mountPath: "/tmp" },
      {
        name: "kube-api-access-x7k2p",
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
        readOnly: true,
      },
    ],
    ...(name === "prepare"
      ? {}
      : { livenessProbe: probe("/healthz"), readinessProbe: probe("/readyz") }),
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: "IfNotPresent",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}

function containerStatus(app: string, name: string, random: Random): object {
  return {
    name,
    lastState: {},
    ready: true,
    restartCount: 0,
    image: image(app, name),
    imageID: `${image(app, name).split(":")[0]}@sha256:${random.hex(64)}`,
    containerID: `containerd://${random.hex(64)}`,
  };
}

function image(app: string, name: string): string {
  return `registry.example.org/platform/${app}-${name}:1.4.2`;
}

function probe(path: string): object {
  return {
    httpGet: { path, port: "http", scheme: "HTTP" },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
}

const tokenSources = [
  { serviceAccountToken: { expirationSeconds: 3_607, path: "token" } },
  { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
  {
    downwardAPI: {
      items: [
        { path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } },
      ],
    },
  },
];

/** Who has set what: a quarter of a pod's bytes in a real cluster, and nothing to the exporter. */
function managed(time: string): readonly object[] {
  return ["kube-controller-manager", "kubelet"].map((manager) => ({
    manager,
    operation: "Update",
    apiVersion: "v1",
    time,
    fieldsType: "FieldsV1",
    fieldsV1: manager === "kubelet" ? statusFields : specFields,
  }));
}

const fields = (...names: readonly string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [`f:${name}`, {}]));

const containerFields = {
  ".": {},
  ...fields("image", "imagePullPolicy", "name", "args", "resources", "securityContext"),
  ...fields(
    "terminationMessagePath",
    "terminationMessagePolicy",
    "livenessProbe",
    "readinessProbe",
  ),
};
const specFields = {
  "f:metadata": {
    "f:annotations": { ".": {}, ...fields("checksum/config", "example.org/scrape") },
    "f:generateName": {},
    "f:labels": { ".": {}, ...fields("app.kubernetes.io/name", "pod-template-hash", "team") },
    "f:ownerReferences": {},
  },
  "f:spec": {
    "f:containers": {
      'k:{"name":"main"}': containerFields,
      'k:{"name":"proxy"}': containerFields,
    },
    ...fields("dnsPolicy", "enableServiceLinks", "nodeSelector", "restartPolicy", "schedulerName"),
    ...fields("securityContext", "terminationGracePeriodSeconds", "volumes"),
  },
};
const conditionFields = { ".": {}, ...fields("lastTransitionTime", "status", "type") };
const statusFields = {
  "f:status": {
    "f:conditions": {
      'k:{"type":"ContainersReady"}': conditionFields,
      'k:{"type":"Initialized"}': conditionFields,
      'k:{"type":"Ready"}': conditionFields,
    },
    ...fields("containerStatuses", "hostIP", "hostIPs", "initContainerStatuses", "phase"),
    ...fields("podIP", "podIPs", "startTime"),
  },
};
