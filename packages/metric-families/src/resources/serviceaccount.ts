import { serviceAccount, type ServiceAccount } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { flagText } from "../parts/flag-text.ts";
import { created, deletionTimestamp } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ServiceAccount>();

export const serviceaccounts: Resource<ServiceAccount> = {
  name: "serviceaccounts",
  kind: "ServiceAccount",
  group: "",
  version: "v1",
  path: "/api/v1/serviceaccounts",
  namespaced: true,
  enabledByDefault: false,
  reads: "full",
  schema: serviceAccount,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    serviceaccount: ({ metadata }) => metadata.name,
    uid: ({ metadata }) => metadata.uid,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    info("kube_serviceaccount_info", "Whether pods of the account get its token by default.", {
      labels: {
        automount_token: ({ automountServiceAccountToken: flag }) => flagText(flag),
      },
    }),
    gauge("kube_serviceaccount_created", "Time the account was created, in Unix seconds.", {
      ...created,
    }),
    gauge("kube_serviceaccount_deleted", "Time deletion was asked for, in Unix seconds.", {
      ...deletionTimestamp,
    }),
    gauge("kube_serviceaccount_secret", "Secrets that pods of the account may use.", {
      rows: ({ secrets }) => secrets,
      labels: { name: ({ name }) => name },
    }),
    gauge("kube_serviceaccount_image_pull_secret", "Secrets to pull the account's images with.", {
      rows: ({ imagePullSecrets }) => imagePullSecrets,
      labels: { name: ({ name }) => name },
    }),
    gauge("kube_serviceaccount_annotations", "Allow-listed annotations of the account.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_serviceaccount_labels", "Allow-listed labels of the account.", {
      ...labels(labelsAllowList),
    }),
  ],
};
