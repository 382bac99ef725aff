/** Who holds a worker Lease. `podUid` is `""` when nobody does. */
export interface LeaseHolder {
  readonly podUid: string;
  /** By the observer: not renewed for the lease duration. */
  readonly expired: boolean;
}

export interface IdentityInput {
  readonly ownUid: string;
  /** Undefined if there is no Lease yet. */
  readonly holder: LeaseHolder | undefined;
  /** The UID that the API names under the own pod's name; undefined if it was not asked, or did not answer. */
  readonly podUid: string | undefined;
}

/**
 * `take`: write the own UID. `ask`: read the own pod first.
 * `exit`: another pod has this name now, so this one is the partitioned twin; it stops answering.
 */
export type IdentityDecision = "held" | "take" | "ask" | "exit";

/** Before a worker holds its Lease. */
export function claimIdentity({ ownUid, holder, podUid }: IdentityInput): IdentityDecision {
  if (podUid !== undefined && podUid !== ownUid) return "exit";
  if (holder?.podUid === ownUid) return "held";
  if (holder === undefined || holder.podUid === "" || holder.expired) return "take";
  return podUid === undefined ? "ask" : "take";
}

/** For a worker that has held its Lease: finding another UID in it means that it has been replaced. */
export function keepIdentity(
  ownUid: string,
  holder: LeaseHolder | undefined,
): "held" | "take" | "exit" {
  if (holder === undefined || holder.podUid === "") return "take";
  return holder.podUid === ownUid ? "held" : "exit";
}
