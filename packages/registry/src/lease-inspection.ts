import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import { LeaseClient } from "./lease-client.ts";
import { layoutLeaseName, memberOf, memberSelector, type Lease } from "./lease-object.ts";
import type { MemberRecord } from "./member.ts";

/** Where the Leases of a StatefulSet are. */
export interface LeasePlaceName {
  readonly namespace: string;
  readonly statefulset: string;
}

/** One member as it is stored, for people: whether it is alive takes 40 s of watching. */
export interface ListedMember {
  readonly ordinal: string;
  /** UID of its pod; empty once it was released. */
  readonly holder: string;
  /** Unix milliseconds by the member's own clock; undefined if it does not say. */
  readonly renewedAt: number | undefined;
  readonly record: MemberRecord;
}

/** All worker Leases, ordered by ordinal. Throws as requests do, and `REGISTRY_FORBIDDEN`. */
export async function listMembers(
  client: ApiClient,
  place: LeasePlaceName,
): Promise<readonly ListedMember[]> {
  const leases = new LeaseClient(client, place);
  const labelSelector = memberSelector(place.statefulset);
  const list = await client
    .getJson<{ readonly items: readonly Lease[] | null }>(leases.path, { labelSelector })
    .catch((error: unknown) => {
      throw leases.explained(error);
    });
  return (list.items ?? [])
    .flatMap((lease) => {
      const member = memberOf(lease, place.statefulset);
      if (member === undefined) return [];
      const { ordinal, holder, record } = member;
      const renewedAt = Date.parse(lease.spec?.renewTime ?? "");
      return [
        { ordinal, holder, record, renewedAt: Number.isNaN(renewedAt) ? undefined : renewedAt },
      ];
    })
    .toSorted((a, b) => Number(a.ordinal) - Number(b.ordinal));
}

/** Deletes the layout Lease as it is now; answers whether there was one. */
export async function removeLayout(client: ApiClient, place: LeasePlaceName): Promise<boolean> {
  const leases = new LeaseClient(client, place);
  const lease = await leases.get(layoutLeaseName(place.statefulset));
  if (lease === undefined) return false;
  await leases.delete(lease);
  return true;
}
