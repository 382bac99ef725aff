interface Policy {
  readonly spec: {
    readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
    readonly failurePolicy: string | undefined;
  };
}
interface PolicyBinding {
  readonly spec: {
    readonly policyName: string;
    readonly paramRef: ParamRef | undefined;
  };
}
interface ParamRef {
  readonly name: string;
  readonly namespace: string;
  readonly parameterNotFoundAction: string | undefined;
}

/** What an admission policy takes as parameters, and what becomes of a request on which it fails. */
export const policyLabels = {
  param_api_version: ({ spec }: Policy): string | undefined => spec.paramKind?.apiVersion,
  param_kind: ({ spec }: Policy): string | undefined => spec.paramKind?.kind,
  failure_policy: ({ spec }: Policy): string | undefined => spec.failurePolicy,
};

/** The policy a binding puts into force, and its parameters; their name is empty where a selector chooses them. */
export const policyBindingLabels = {
  policy_name: ({ spec }: PolicyBinding): string => spec.policyName,
  param_name: ({ spec }: PolicyBinding): string | undefined => spec.paramRef?.name,
  param_namespace: ({ spec }: PolicyBinding): string | undefined => spec.paramRef?.namespace,
  param_not_found_action: ({ spec }: PolicyBinding): string | undefined =>
    spec.paramRef?.parameterNotFoundAction,
};
