import {
  mutatingWebhookConfiguration,
  type MutatingWebhookConfiguration,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import { webhookServices } from "../parts/webhook-services.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<MutatingWebhookConfiguration>();

export const mutatingwebhookconfigurations: Resource<MutatingWebhookConfiguration> = {
  name: "mutatingwebhookconfigurations",
  kind: "MutatingWebhookConfiguration",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: mutatingWebhookConfiguration,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    mutatingwebhookconfiguration: ({ metadata }) => metadata.name,
  },
  families: () => [
    info("kube_mutatingwebhookconfiguration_info", "Webhook configurations that exist.", {}),
    gauge(
      "kube_mutatingwebhookconfiguration_created",
      "Time the configuration was created, in Unix seconds.",
      { ...created },
    ),
    gauge(
      "kube_mutatingwebhookconfiguration_metadata_resource_version",
      "Resource version of the configuration.",
      { ...resourceVersion },
    ),
    gauge(
      "kube_mutatingwebhookconfiguration_webhook_clientconfig_service",
      "Service that each webhook calls.",
      { ...webhookServices },
    ),
  ],
};
