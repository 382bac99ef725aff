import { secret, type Secret } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Secret>();

export const secrets: Resource<Secret> = {
  name: "secrets",
  kind: "Secret",
  group: "",
  version: "v1",
  path: "/api/v1/secrets",
  namespaced: true,
  enabledByDefault: true,
  // The type is a printed column, so secret values never have to be requested.
  reads: "table",
  schema: secret,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    secret: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_secret_info", "The secret exists.", { stability: "STABLE" }),
    gauge("kube_secret_type", "Type of the secret.", {
      stability: "STABLE",
      labels: { type: ({ type }) => type },
    }),
    gauge("kube_secret_annotations", "Allow-listed annotations of the secret.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_secret_labels", "Allow-listed labels of the secret.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    gauge("kube_secret_created", "Time the secret was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_secret_metadata_resource_version", "Resource version as a number.", {
      ...resourceVersion,
    }),
    gauge("kube_secret_owner", "Objects that own the secret.", { ...owners }),
  ],
};
