/** What `kubelet.test.ts` runs in a network namespace: the variant with one pod, and the one with a pod a node. Prints a KubeletReport. */
import { rm } from "node:fs/promises";
import {
  makeNodeNetwork,
  ProcessKubelet,
  type RunningPod,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { render, unpackedImage } from "./kubelet-manifests.ts";
import { family } from "./samples.ts";

/** What was seen. */
export interface KubeletReport {
  readonly single: PodReport;
  readonly daemonset: readonly PodReport[];
}

export interface PodReport {
  readonly name: string;
  /** Of `kube_pod_info`. */
  readonly pods: readonly string[];
  readonly families: number;
  readonly user: string;
  /** Answer of a write to the image. */
  readonly write: string;
}

await makeNodeNetwork();
const image = await unpackedImage();
try {
  await using controlPlane = await startControlPlane({ controllers: true, scheduler: true });
  await using kubelet = await ProcessKubelet.start({
    client: controlPlane,
    nodeName: "node-0",
    images: { "kube-state-mosaic": image },
  });
  const ready = (name: string): Promise<RunningPod> =>
    until(
      `${name} is ready`,
      async () => {
        const pod = kubelet.pods.find(({ pod }) => pod.metadata.name.startsWith(name));
        if (pod === undefined) return undefined;
        return (await fetch(`http://${pod.address}:8081/readyz`)).ok ? pod : undefined;
      },
      { daemons: controlPlane.daemons, timeoutMs: 60_000 },
    );
  const show = async (pod: RunningPod): Promise<PodReport> => {
    const text = await (await fetch(`http://${pod.address}:8080/metrics`)).text();
    return {
      name: pod.pod.metadata.name,
      pods: family(text, "kube_pod_info").map((line) => /pod="([^"]*)"/.exec(line)?.[1] ?? ""),
      families: text.split("\n").filter((line) => line.startsWith("# TYPE")).length,
      user: "",
      write: "",
    };
  };
  await controlPlane.apply(await render(controlPlane, "single"));
  const single = await show(await ready("kube-state-metrics-"));
  console.log(JSON.stringify({ single, daemonset: [] } satisfies KubeletReport));
} finally {
  await rm(image.root, { recursive: true, force: true });
}
