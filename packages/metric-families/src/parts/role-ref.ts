interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** The role a binding grants. */
export const roleRef = {
  labels: {
    roleref_kind: ({ roleRef: { kind } }: Binding): string => kind,
    roleref_name: ({ roleRef: { name } }: Binding): string => name,
  },
};
