interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean | undefined;
}
interface Owned {
  readonly metadata: { readonly ownerReferences: readonly OwnerReference[] };
}
interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean | undefined;
}

/** An object without owners still has its sample, with every label empty. */
const noOwner: readonly [undefined] = [undefined];

/** One row per owner reference; a single `undefined` for an object without any. */
export const owners = {
  rows: (object: Owned): readonly (Owner | undefined)[] => {
    const { ownerReferences } = object.metadata;
    return ownerReferences.length === 0 ? noOwner : ownerReferences;
  },
  labels: {
    owner_kind: (owner: Owner | undefined): string | undefined => owner?.kind,
    owner_name: (owner: Owner | undefined): string | undefined => owner?.name,
    owner_is_controller: (owner: Owner | undefined): string | undefined =>
      owner && (owner.controller === true ? "true" : "false"),
  },
};
