import { service, type Service } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Service>();

export const services: Resource<Service> = {
  name: "services",
  kind: "Service",
  group: "",
  version: "v1",
  path: "/api/v1/services",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: service,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    service: ({ metadata }) => metadata.name,
    uid: ({ metadata }) => metadata.uid,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_service_info", "How the service is addressed.", {
      stability: "STABLE",
      labels: {
        cluster_ip: ({ spec }) => spec.clusterIP,
        external_name: ({ spec }) => spec.externalName,
        load_balancer_ip: ({ spec }) => spec.loadBalancerIP,
        external_traffic_policy: ({ spec }) => spec.externalTrafficPolicy,
      },
    }),
    gauge("kube_service_created", "Time the service was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_service_spec_type", "Type of the service.", {
      stability: "STABLE",
      labels: { type: ({ spec }) => spec.type },
    }),
    gauge("kube_service_annotations", "Allow-listed annotations of the service.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_service_labels", "Allow-listed labels of the service.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_service_spec_external_ip", "External addresses set on the service.", {
      stability: "STABLE",
      rows: ({ spec }) => spec.externalIPs,
      labels: { external_ip: (ip) => ip },
    }),
    gauge("kube_service_status_load_balancer_ingress", "Entry points of the load balancer.", {
      stability: "STABLE",
      rows: ({ status }) => status.loadBalancer.ingress,
      labels: { ip: ({ ip }) => ip, hostname: ({ hostname }) => hostname },
    }),
    gauge("kube_service_deletion_timestamp", "Time deletion was asked for, in Unix seconds.", {
      ...deletionTimestamp,
    }),
  ],
};
