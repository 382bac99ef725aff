import type { Clock } from "@kube-state-mosaic/kubernetes";
import { leaseDuration } from "@kube-state-mosaic/sharding";
import type { LeaseClient } from "./lease-client.ts";
import {
  memberLeaseName,
  microTime,
  ownedBy,
  recordOf,
  withMember,
  type Lease,
  type LeaseOwner,
} from "./lease-object.ts";
import { serialiseMember } from "./member.ts";
import type { PlaceEntry, PlaceNews, PlaceStore } from "./own-place.ts";

export interface LeaseEntry extends PlaceEntry {
  readonly lease: Lease;
}

export interface LeasePlaceOptions {
  readonly leases: LeaseClient;
  readonly statefulset: string;
  readonly ordinal: string;
  readonly clock: Pick<Clock, "wall">;
  readonly owner: () => LeaseOwner | undefined;
}

/** The Lease of one worker. */
export class LeasePlace implements PlaceStore<LeaseEntry> {
  readonly #options: LeasePlaceOptions;
  readonly #name: string;

  constructor(options: LeasePlaceOptions) {
    this.#options = options;
    this.#name = memberLeaseName(options.statefulset, options.ordinal);
  }

  async read(signal: AbortSignal): Promise<LeaseEntry | undefined> {
    return entryOf(await this.#options.leases.get(this.#name, signal));
  }

  async write(
    entry: LeaseEntry | undefined,
    news: PlaceNews,
    signal: AbortSignal,
  ): Promise<LeaseEntry | undefined> {
    return entryOf(await this.#options.leases.put(this.#next(entry?.lease, news), signal));
  }

  async remove(entry: LeaseEntry, signal: AbortSignal): Promise<void> {
    await this.#options.leases.delete(entry.lease, signal);
  }

  #next(lease: Lease | undefined, { holder, record }: PlaceNews): Lease {
    const { clock, owner, statefulset } = this.#options;
    const now = microTime(clock.wall());
    const before = lease?.spec ?? {};
    const taken = holder !== "" && holder !== before.holderIdentity;
    const next: Lease = {
      metadata: lease?.metadata ?? { name: this.#name },
      spec: {
        holderIdentity: holder,
        leaseDurationSeconds: leaseDuration / 1_000,
        acquireTime: taken ? now : (before.acquireTime ?? now),
        renewTime: now,
        leaseTransitions:
          (before.leaseTransitions ?? 0) + (taken && before.holderIdentity !== undefined ? 1 : 0),
      },
    };
    return ownedBy(withMember(next, serialiseMember(record), statefulset), owner());
  }
}

function entryOf(lease: Lease | undefined): LeaseEntry | undefined {
  if (lease === undefined) return undefined;
  const { resourceVersion = "" } = lease.metadata;
  const holder = lease.spec?.holderIdentity ?? "";
  return { lease, holder, version: resourceVersion, record: recordOf(lease) };
}
