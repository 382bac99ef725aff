/** What `kubelet.test.ts` runs in a network namespace: the variant with one pod, then the one with a pod a node. Prints a KubeletReport. */
import { readFile, rm } from "node:fs/promises";
import {
  makeNodeNetwork,
  ProcessKubelet,
  type RunningPod,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { render, unpackedImage } from "./kubelet-manifests.ts";
import { family, samples } from "./samples.ts";

/** What was seen. */
export interface KubeletReport {
  readonly single: PodReport;
  /** By the beginning of the pod's name. */
  readonly daemonset: Readonly<Record<string, PodReport>>;
  /** Of the variant with a pod a node, all pods together. */
  readonly samplesTwice: number;
}

interface PodReport {
  /** Of `kube_pod_info`, without what a controller has added to the name. */
  readonly pods: readonly string[];
  readonly hasNodes: boolean;
  readonly hasDeployments: boolean;
  /** Numbers of the users that the process runs as: real, effective, saved, of files. */
  readonly users: readonly string[];
  readonly rootIsReadOnly: boolean;
}

const perNode = "kube-state-metrics-shard";
const unscheduled = "kube-state-metrics-unscheduled-pods-fetching";
const rest = "kube-state-metrics";
const unscheduledPod = JSON.stringify({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "waiting", namespace: "default" },
  spec: { schedulerName: "none", containers: [{ name: "main", image: "example.org/app:1" }] },
});

await makeNodeNetwork();
const image = await unpackedImage();
try {
  await using controlPlane = await startControlPlane({ controllers: true, scheduler: true });
  await using kubelet = await ProcessKubelet.start({
    client: controlPlane,
    nodeName: "node-0",
    images: { "kube-state-mosaic": image },
  });
  const ready = (workload: string): Promise<RunningPod> =>
    until(
      `a pod of ${workload} is ready`,
      async () => {
        const found = kubelet.pods.find(
          ({ pod }) => pod.metadata.labels?.["app.kubernetes.io/name"] === workload,
        );
        if (found === undefined) return undefined;
        const { name, namespace } = found.pod.metadata;
        const object = (await controlPlane.send(
          `/api/v1/namespaces/${namespace}/pods/${name}`,
        )) as {
          status: { conditions?: readonly { type: string; status: string }[] };
        };
        const conditions = object.status.conditions ?? [];
        return (
          conditions.some(({ type, status }) => type === "Ready" && status === "True") && found
        );
      },
      { daemons: controlPlane.daemons, timeoutMs: 60_000 },
    );

  await controlPlane.apply(unscheduledPod);
  await controlPlane.apply(await render(controlPlane, "single"));
  const [single] = await look(await ready(rest));
  await controlPlane.kubectl(`delete deployment/${rest} --namespace=kube-system`);
  await until("its pod is gone", () => kubelet.pods.length === 0);

  await controlPlane.apply(await render(controlPlane, "daemonset"));
  const names = [perNode, unscheduled, rest];
  const pods: RunningPod[] = [];
  for (const name of names) pods.push(await ready(name));
  // Whoever was ready first has not seen the others yet.
  const seen = await until(
    "the pod of the node has seen all three",
    async () => {
      const looks = await Promise.all(pods.map(look));
      return looks[0]?.[0].pods.length === names.length && looks;
    },
    { timeoutMs: 20_000 },
  );
  const all = samples(...seen.map(([, text]) => text));
  const report: KubeletReport = {
    single,
    daemonset: Object.fromEntries(seen.map(([one], i) => [names[i] ?? "", one])),
    samplesTwice: all.filter((line, i) => line === all[i - 1]).length,
  };
  console.log(JSON.stringify(report));
} finally {
  await rm(image.root, { recursive: true, force: true });
}

async function look(pod: RunningPod): Promise<readonly [PodReport, string]> {
  const response = await fetch(`http://${pod.address}:8080/metrics`);
  const text = await response.text();
  const pid = pod.container()?.pid;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const mounts = await readFile(`/proc/${pid}/mountinfo`, "utf8");
  const root = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .findLast(([, , , , at]) => at === "/");
  const report = {
    pods: family(text, "kube_pod_info")
      .map((line) => /pod="([^"]*)"/.exec(line)?.[1] ?? "")
      .map((name) => name.replace(/(-[a-z0-9]{8,10})?-[a-z0-9]{5}$/, ""))
      .toSorted(),
    hasNodes: family(text, "kube_node_info").length === 1,
    hasDeployments: family(text, "kube_deployment_created").length > 0,
    users: /^Uid:\t(.*)$/m.exec(status)?.[1]?.split("\t") ?? [],
    rootIsReadOnly: root?.[5]?.split(",").includes("ro") === true,
  };
  return [report, text];
}
