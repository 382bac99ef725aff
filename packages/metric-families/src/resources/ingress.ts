import {
  ingress,
  type HTTPIngressPath,
  type Ingress,
  type IngressRule,
  type IngressTLS,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Ingress>();

/** Older than the field of the specification, and stronger: even an empty text wins over it. */
const classAnnotation = "kubernetes.io/ingress.class";

export const ingresses: Resource<Ingress> = {
  name: "ingresses",
  kind: "Ingress",
  group: "networking.k8s.io",
  version: "v1",
  path: "/apis/networking.k8s.io/v1/ingresses",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: ingress,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    ingress: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_ingress_info", "Class of the ingress, `_default` when it names none.", {
      stability: "STABLE",
      labels: {
        ingressclass: ({ metadata, spec }) =>
          metadata.annotations.get(classAnnotation) ?? spec.ingressClassName ?? "_default",
      },
    }),
    gauge("kube_ingress_annotations", "Allow-listed annotations of the ingress.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_ingress_labels", "Allow-listed labels of the ingress.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_ingress_created", "Time the ingress was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_ingress_metadata_resource_version", "Resource version of the ingress.", {
      ...resourceVersion,
    }),
    gauge("kube_ingress_path", "HTTP paths of the ingress and the backend of each.", {
      stability: "STABLE",
      rows: ({ spec }) => spec.rules.flatMap(routesOf),
      labels: {
        host: ({ host }) => host,
        path: ({ path }) => path,
        path_type: ({ pathType }) => pathType,
      },
      dynamicLabels: ({ backend }) => backend,
    }),
    gauge("kube_ingress_tls", "TLS hosts of the ingress, with the secret of their certificate.", {
      stability: "STABLE",
      rows: ({ spec }) => spec.tls.flatMap(certificatesOf),
      labels: { tls_host: ({ host }) => host, secret: ({ secretName }) => secretName },
    }),
  ],
};

type LabelPairs = readonly (readonly [string, string])[];

interface Route {
  readonly host: string;
  readonly path: string;
  readonly pathType: string | undefined;
  readonly backend: LabelPairs;
}

/** The paths of a rule. One that leads nowhere, which the API refuses and the reference crashes on, is left out. */
function routesOf({ host, http }: IngressRule): readonly Route[] {
  const routes: Route[] = [];
  for (const { path, pathType, backend } of http?.paths ?? []) {
    const labels = backendLabels(backend);
    if (labels !== undefined) routes.push({ host, path, pathType, backend: labels });
  }
  return routes;
}

/** A port that is named instead of numbered shows as 0. */
function backendLabels({ service, resource }: HTTPIngressPath["backend"]): LabelPairs | undefined {
  if (service !== undefined)
    return [
      ["service_name", service.name],
      ["service_port", String(service.port.number)],
    ];
  return (
    resource && [
      ["resource_api_group", resource.apiGroup ?? ""],
      ["resource_kind", resource.kind],
      ["resource_name", resource.name],
    ]
  );
}

interface Certificate {
  readonly host: string;
  readonly secretName: string;
}

function certificatesOf({ hosts, secretName }: IngressTLS): readonly Certificate[] {
  return hosts.map((host) => ({ host, secretName }));
}
