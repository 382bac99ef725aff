import { createHash } from "node:crypto";

/** A running pod of two containers as a Deployment makes it, in JSON form; different for each `index`, the same in each run. */
export function podAt(index: number): object {
  const created = new Date(1_700_000_000_000 + index * 1_000).toISOString().replace(".000Z", "Z");
  const owner = `app-${index % 400}-7c9d8b6f5d`;
  const ip = `10.1.${index % 250}.${index % 240}`;
  const digest = createHash("sha256").update(String(index)).digest("hex");
  const images = ["app", "sidecar"].map(
    (name) => `registry.example.com/team/${name}:1.${index % 20}.0`,
  );
  return {
    metadata: {
      name: `${owner}-${digest.slice(0, 5)}`,
      namespace: `team-${index % 50}`,
      uid: `${digest.slice(0, 8)}-0000-4000-8000-${digest.slice(8, 20)}`,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: created,
      labels: {
        app: `app-${index % 400}`,
        "app.kubernetes.io/name": "app",
        "app.kubernetes.io/version": "1.2.3",
        "pod-template-hash": "7c9d8b6f5d",
      },
      annotations: { "kubectl.kubernetes.io/restartedAt": created, "prometheus.io/scrape": "true" },
      ownerReferences: [{ kind: "ReplicaSet", name: owner, controller: true }],
    },
    spec: {
      volumes: [{ name: "data", persistentVolumeClaim: { claimName: `data-${index}` } }],
      containers: images.map((image, at) => ({
        name: ["app", "sidecar"][at],
        image,
        resources: {
          limits: { cpu: "500m", memory: "512Mi" },
          requests: { cpu: "100m", memory: "128Mi" },
        },
      })),
      restartPolicy: "Always",
      nodeSelector: { "kubernetes.io/os": "linux" },
      serviceAccountName: "default",
      nodeName: `node-${index % 1000}`,
      schedulerName: "default-scheduler",
      tolerations: ["not-ready", "unreachable"].map((condition) => ({
        key: `node.kubernetes.io/${condition}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
    },
    status: {
      phase: "Running",
      conditions: ["Initialized", "Ready", "ContainersReady", "PodScheduled"].map((type) => ({
        type,
        status: "True",
        lastTransitionTime: created,
      })),
      hostIP: `10.0.${index % 250}.1`,
      podIP: ip,
      podIPs: [{ ip }],
      startTime: created,
      containerStatuses: images.map((image, at) => ({
        name: ["app", "sidecar"][at],
        state: { running: { startedAt: created } },
        ready: true,
        restartCount: index % 3,
        image,
        imageID: `${image}@sha256:${digest}`,
        containerID: `containerd://${digest}`,
      })),
      qosClass: "Burstable",
    },
  };
}
