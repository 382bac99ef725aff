import { daemonSet, type DaemonSet } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, deletionTimestamp, generation } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge } = familiesOf<DaemonSet>();

export const daemonsets: Resource<DaemonSet> = {
  name: "daemonsets",
  kind: "DaemonSet",
  group: "apps",
  version: "v1",
  path: "/apis/apps/v1/daemonsets",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: daemonSet,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    daemonset: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_daemonset_created", "Time the DaemonSet was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_daemonset_status_current_number_scheduled", "Nodes that run the pod and should.", {
      stability: "STABLE",
      value: ({ status }) => status.currentNumberScheduled,
    }),
    gauge("kube_daemonset_status_desired_number_scheduled", "Nodes that should run the pod.", {
      stability: "STABLE",
      value: ({ status }) => status.desiredNumberScheduled,
    }),
    gauge("kube_daemonset_status_number_available", "Nodes on which the pod is available.", {
      stability: "STABLE",
      value: ({ status }) => status.numberAvailable,
    }),
    gauge("kube_daemonset_status_number_misscheduled", "Nodes that run the pod and should not.", {
      stability: "STABLE",
      value: ({ status }) => status.numberMisscheduled,
    }),
    gauge("kube_daemonset_status_number_ready", "Nodes on which the pod is ready.", {
      stability: "STABLE",
      value: ({ status }) => status.numberReady,
    }),
    gauge("kube_daemonset_status_number_unavailable", "Nodes on which the pod is missing.", {
      stability: "STABLE",
      value: ({ status }) => status.numberUnavailable,
    }),
    gauge("kube_daemonset_status_observed_generation", "Generation the controller acted on last.", {
      stability: "STABLE",
      value: ({ status }) => status.observedGeneration,
    }),
    gauge(
      "kube_daemonset_status_updated_number_scheduled",
      "Nodes that run the current template.",
      {
        stability: "STABLE",
        value: ({ status }) => status.updatedNumberScheduled,
      },
    ),
    gauge("kube_daemonset_metadata_generation", "Generation of the desired state.", {
      stability: "STABLE",
      ...generation,
    }),
    gauge("kube_daemonset_deletion_timestamp", "Time deletion was asked for, in Unix seconds.", {
      ...deletionTimestamp,
    }),
    gauge("kube_daemonset_annotations", "Allow-listed annotations of the DaemonSet.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_daemonset_labels", "Allow-listed labels of the DaemonSet.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
  ],
};
