import { beforeAll, describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";
import { canRunPods, inOwnNetwork } from "./kubelet-network.ts";
import type { KubeletReport } from "./kubelet-run.ts";

const perNode = "kube-state-metrics-shard";
const unscheduled = "kube-state-metrics-unscheduled-pods-fetching";
const rest = "kube-state-metrics";

describe.skipIf(sharedCluster() === undefined || !canRunPods())(
  "the image and the manifests, with a real scheduler and real controllers",
  () => {
    let report: KubeletReport;

    beforeAll(async () => {
      report = await inOwnNetwork("kubelet-run.ts");
    });

    test("one pod shows the whole cluster with the rights of its manifests", () => {
      expect(report.single).toMatchObject({
        pods: [rest, "waiting"],
        hasNodes: true,
        hasDeployments: true,
      });
    });

    test("every pod runs as nobody, on files that it cannot change", () => {
      for (const pod of [report.single, ...Object.values(report.daemonset)]) {
        expect(pod.users).toEqual(["65534", "65534", "65534", "65534"]);
        expect(pod.rootIsReadOnly).toBe(true);
      }
    });

    test("with a pod a node each pod is shown by its node's, the ones without a node by another, and the rest by a third", () => {
      expect(report.daemonset).toMatchObject({
        [perNode]: {
          pods: [rest, perNode, unscheduled].toSorted(),
          hasNodes: false,
          hasDeployments: false,
        },
        [unscheduled]: { pods: ["waiting"], hasNodes: false, hasDeployments: false },
        [rest]: { pods: [], hasNodes: true, hasDeployments: true },
      });
      expect(report.samplesTwice).toBe(0);
    });
  },
);
