import {
  validatingWebhookConfiguration,
  type ValidatingWebhookConfiguration,
} from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import { webhookServices } from "../parts/webhook-services.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<ValidatingWebhookConfiguration>();

export const validatingwebhookconfigurations: Resource<ValidatingWebhookConfiguration> = {
  name: "validatingwebhookconfigurations",
  kind: "ValidatingWebhookConfiguration",
  group: "admissionregistration.k8s.io",
  version: "v1",
  path: "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
  namespaced: false,
  enabledByDefault: true,
  reads: "full",
  schema: validatingWebhookConfiguration,
  identity: {
    // Always empty for an object of the cluster; there for compatibility.
    namespace: ({ metadata }) => metadata.namespace,
    validatingwebhookconfiguration: ({ metadata }) => metadata.name,
  },
  families: () => [
    info("kube_validatingwebhookconfiguration_info", "Webhook configurations that exist.", {}),
    gauge(
      "kube_validatingwebhookconfiguration_created",
      "Time the configuration was created, in Unix seconds.",
      { ...created },
    ),
    gauge(
      "kube_validatingwebhookconfiguration_metadata_resource_version",
      "Resource version of the configuration.",
      { ...resourceVersion },
    ),
    gauge(
      "kube_validatingwebhookconfiguration_webhook_clientconfig_service",
      "Service that each webhook calls.",
      { ...webhookServices },
    ),
  ],
};
