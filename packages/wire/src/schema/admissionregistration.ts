// admissionregistration.k8s.io/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { list, message, one, optional, string, strings, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface ParamKind {
  readonly apiVersion: string;
  readonly kind: string;
}

const paramKind: Message<ParamKind> = message<ParamKind>("ParamKind", {
  apiVersion: string(1),
  kind: string(2),
});

interface MutatingAdmissionPolicySpec {
  readonly paramKind: ParamKind | undefined;
  readonly failurePolicy: string | undefined;
  readonly reinvocationPolicy: string;
}

const mutatingAdmissionPolicySpec: Message<MutatingAdmissionPolicySpec> =
  message<MutatingAdmissionPolicySpec>("MutatingAdmissionPolicySpec", {
    paramKind: optional(one(1, paramKind)),
    failurePolicy: optional(string(5)),
    reinvocationPolicy: string(7),
  });

export interface MutatingAdmissionPolicy {
  readonly metadata: ObjectMeta;
  readonly spec: MutatingAdmissionPolicySpec;
}

export const mutatingAdmissionPolicy: Message<MutatingAdmissionPolicy> =
  message<MutatingAdmissionPolicy>("MutatingAdmissionPolicy", {
    metadata: one(1, objectMeta),
    spec: one(2, mutatingAdmissionPolicySpec),
  });

interface ParamRef {
  readonly name: string;
  readonly namespace: string;
  readonly parameterNotFoundAction: string | undefined;
}

const paramRef: Message<ParamRef> = message<ParamRef>("ParamRef", {
  name: string(1),
  namespace: string(2),
  parameterNotFoundAction: optional(string(4)),
});

interface MutatingAdmissionPolicyBindingSpec {
  readonly policyName: string;
  readonly paramRef: ParamRef | undefined;
}

const mutatingAdmissionPolicyBindingSpec: Message<MutatingAdmissionPolicyBindingSpec> =
  message<MutatingAdmissionPolicyBindingSpec>("MutatingAdmissionPolicyBindingSpec", {
    policyName: string(1),
    paramRef: optional(one(2, paramRef)),
  });

export interface MutatingAdmissionPolicyBinding {
  readonly metadata: ObjectMeta;
  readonly spec: MutatingAdmissionPolicyBindingSpec;
}

export const mutatingAdmissionPolicyBinding: Message<MutatingAdmissionPolicyBinding> =
  message<MutatingAdmissionPolicyBinding>("MutatingAdmissionPolicyBinding", {
    metadata: one(1, objectMeta),
    spec: one(2, mutatingAdmissionPolicyBindingSpec),
  });

interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

const serviceReference: Message<ServiceReference> = message<ServiceReference>("ServiceReference", {
  namespace: string(1),
  name: string(2),
});

interface WebhookClientConfig {
  readonly service: ServiceReference | undefined;
}

const webhookClientConfig: Message<WebhookClientConfig> = message<WebhookClientConfig>(
  "WebhookClientConfig",
  {
    service: optional(one(1, serviceReference)),
  },
);

export interface MutatingWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
}

const mutatingWebhook: Message<MutatingWebhook> = message<MutatingWebhook>("MutatingWebhook", {
  name: string(1),
  clientConfig: one(2, webhookClientConfig),
});

export interface MutatingWebhookConfiguration {
  readonly metadata: ObjectMeta;
  readonly webhooks: readonly MutatingWebhook[];
}

export const mutatingWebhookConfiguration: Message<MutatingWebhookConfiguration> =
  message<MutatingWebhookConfiguration>("MutatingWebhookConfiguration", {
    metadata: one(1, objectMeta),
    webhooks: list(2, mutatingWebhook),
  });

interface ValidatingAdmissionPolicySpec {
  readonly paramKind: ParamKind | undefined;
  readonly failurePolicy: string | undefined;
}

const validatingAdmissionPolicySpec: Message<ValidatingAdmissionPolicySpec> =
  message<ValidatingAdmissionPolicySpec>("ValidatingAdmissionPolicySpec", {
    paramKind: optional(one(1, paramKind)),
    failurePolicy: optional(string(4)),
  });

export interface ValidatingAdmissionPolicy {
  readonly metadata: ObjectMeta;
  readonly spec: ValidatingAdmissionPolicySpec;
}

export const validatingAdmissionPolicy: Message<ValidatingAdmissionPolicy> =
  message<ValidatingAdmissionPolicy>("ValidatingAdmissionPolicy", {
    metadata: one(1, objectMeta),
    spec: one(2, validatingAdmissionPolicySpec),
  });

interface ValidatingAdmissionPolicyBindingSpec {
  readonly policyName: string;
  readonly paramRef: ParamRef | undefined;
  readonly validationActions: readonly string[];
}

const validatingAdmissionPolicyBindingSpec: Message<ValidatingAdmissionPolicyBindingSpec> =
  message<ValidatingAdmissionPolicyBindingSpec>("ValidatingAdmissionPolicyBindingSpec", {
    policyName: string(1),
    paramRef: optional(one(2, paramRef)),
    validationActions: strings(4),
  });

export interface ValidatingAdmissionPolicyBinding {
  readonly metadata: ObjectMeta;
  readonly spec: ValidatingAdmissionPolicyBindingSpec;
}

export const validatingAdmissionPolicyBinding: Message<ValidatingAdmissionPolicyBinding> =
  message<ValidatingAdmissionPolicyBinding>("ValidatingAdmissionPolicyBinding", {
    metadata: one(1, objectMeta),
    spec: one(2, validatingAdmissionPolicyBindingSpec),
  });

export interface ValidatingWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
}

const validatingWebhook: Message<ValidatingWebhook> = message<ValidatingWebhook>(
  "ValidatingWebhook",
  {
    name: string(1),
    clientConfig: one(2, webhookClientConfig),
  },
);

export interface ValidatingWebhookConfiguration {
  readonly metadata: ObjectMeta;
  readonly webhooks: readonly ValidatingWebhook[];
}

export const validatingWebhookConfiguration: Message<ValidatingWebhookConfiguration> =
  message<ValidatingWebhookConfiguration>("ValidatingWebhookConfiguration", {
    metadata: one(1, objectMeta),
    webhooks: list(2, validatingWebhook),
  });
