import { ExporterError } from "@kube-state-mosaic/errors";
import { systemClock, type ApiClient, type Clock } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { Announcement } from "./announcement.ts";
import { Connection, type Part } from "./connection.ts";
import { LayoutFence } from "./layout-fence.ts";
import { isForbidden, LeaseClient } from "./lease-client.ts";
import {
  conditionOf,
  layoutLeaseName,
  layoutOf,
  memberOf,
  memberSelector,
  microTime,
  ownedBy,
  withLayout,
  type Lease,
  type LeaseOwner,
} from "./lease-object.ts";
import { LeasePlace } from "./lease-place.ts";
import { MemberTable, type StoredMember } from "./member-table.ts";
import type { Freshness, Identity, MemberRecord, ObservedMember } from "./member.ts";
import { watchObjects, type ObjectWatchOptions } from "./object-watch.ts";
import { OwnPlace } from "./own-place.ts";
import { pause } from "./pause.ts";
import type { Registry, RegistryMode, RegistryObserver, StoredLayout } from "./registry.ts";

export interface LeaseRegistryOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  /** Whose pods the members are; all Leases carry its name. */
  readonly statefulset: string;
  /** Ours, for the Role that an error names; default: named like the StatefulSet. */
  readonly serviceAccount?: string;
  /** Undefined for one who only looks on; such a one must not register. */
  readonly identity?: Identity;
  /** Asked at each write; undefined while it is not known. */
  readonly owner?: () => LeaseOwner | undefined;
  /** The UID of the pod that the API knows under our pod's name; without it an identity is taken over only once it has expired. */
  readonly ownPodUid?: (signal: AbortSignal) => Promise<string | undefined>;
  readonly clock?: Clock;
  /** Values in [0, 1). */
  readonly random?: () => number;
  readonly observer?: RegistryObserver;
  readonly log?: Pick<Logger, "info" | "warn">;
}

// Members renew every 10 s: after this long without any of them, the list tells whether it is them or the watch.
const QUIET_MS = 15_000;
const AUDIT_MS = 5_000;

/** Leases of coordination.k8s.io/v1: one with the layout state, one of each worker. */
export class LeaseRegistry implements Registry {
  readonly #options: LeaseRegistryOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #leases: LeaseClient;
  readonly #layoutName: string;
  readonly #connection: Connection;
  readonly #fence: LayoutFence;
  readonly #table: MemberTable;
  readonly #announcement: Announcement | undefined;

  constructor(options: LeaseRegistryOptions) {
    const { identity, observer = {}, clock = systemClock, random = Math.random } = options;
    const { statefulset, owner = () => undefined } = options;
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#leases = new LeaseClient(options.client, options);
    this.#layoutName = layoutLeaseName(statefulset);
    this.#connection = new Connection(clock, "lease", observer);
    this.#fence = new LayoutFence(observer);
    this.#table = new MemberTable(clock, this.#connection);
    if (identity === undefined) return;
    const { ordinal } = identity;
    const store = new LeasePlace({ leases: this.#leases, statefulset, ordinal, clock, owner });
    this.#announcement = new Announcement({
      place: new OwnPlace({ store, identity, clock, ownPodUid: options.ownPodUid }),
      clock,
      random,
      observer,
      log: options.log,
      onWritten: () => this.#connection.ok("renewal"),
      onFailure: (error) => this.#failed("renewal", error),
    });
  }

  get mode(): RegistryMode {
    return this.#connection.mode;
  }

  get up(): boolean {
    return this.#connection.up;
  }

  async readLayout(signal?: AbortSignal): Promise<StoredLayout | undefined> {
    const { known } = this.#fence;
    const lease = await this.#leases.get(this.#layoutName, signal);
    return this.#fence.check(lease && layoutOf(lease), known);
  }

  watchLayout(onChange: (layout: StoredLayout | undefined) => void, signal: AbortSignal): void {
    const fieldSelector = `metadata.name=${this.#layoutName}`;
    let last: string | undefined;
    const deliver = (layout: StoredLayout | undefined): void => {
      const version = layout?.version ?? "";
      if (version === last || signal.aborted) return;
      last = version;
      onChange(layout);
    };
    const tell = (lease: Lease | undefined): void => {
      const stored = lease && layoutOf(lease);
      const { known } = this.#fence;
      if (!this.#fence.isOlder(stored)) return deliver(this.#fence.check(stored, known));
      // Older than our own last write: the watch lags, or the store lost it. A consistent read tells.
      this.#readNewest(signal).then(deliver, (error: unknown) => {
        if (!signal.aborted) this.#failed("layout", error);
      });
    };
    this.#watch(
      "layout",
      {
        query: { fieldSelector },
        onList: (leases) => tell(leases[0]),
        onEvent: (type, lease) => tell(type === "DELETED" ? undefined : lease),
      },
      signal,
    );
  }

  /** A consistent read that no newer state was seen during. */
  async #readNewest(signal: AbortSignal): Promise<StoredLayout | undefined> {
    for (;;) {
      const { known } = this.#fence;
      const layout = await this.readLayout(signal);
      if (this.#fence.known === known || !this.#fence.isOlder(layout)) return layout;
    }
  }

  async writeLayout(
    text: string,
    expectedVersion: string | undefined,
  ): Promise<"written" | "conflict"> {
    const { identity, owner, observer } = this.#options;
    const metadata = { name: this.#layoutName, ...conditionOf(expectedVersion) };
    const spec = {
      ...(identity !== undefined && { holderIdentity: identity.uid }),
      renewTime: microTime(this.#clock.wall()),
    };
    const written = await this.#leases.put(
      ownedBy(withLayout({ metadata, spec }, text), owner?.()),
    );
    if (written === undefined) {
      observer?.onConflict?.();
      return "conflict";
    }
    this.#fence.written(layoutOf(written));
    return "written";
  }

  register(record: MemberRecord): void {
    this.#own().announce(record);
  }

  update(record: MemberRecord): void {
    this.#own().announce(record);
  }

  async release({ gone = false }: { readonly gone?: boolean } = {}): Promise<void> {
    await this.#announcement?.release(gone);
    this.#connection.ended("renewal");
  }

  get connectedSince(): number | undefined {
    return this.#connection.since;
  }

  members(): readonly ObservedMember[] {
    return this.#table.members();
  }

  freshness(ordinal: string): Freshness {
    return this.#table.freshness(ordinal);
  }

  watchMembers(onChange: (members: readonly ObservedMember[]) => void, signal: AbortSignal): void {
    const labelSelector = memberSelector(this.#options.statefulset);
    const tell = (changed: boolean): void => {
      if (changed) onChange(this.members());
    };
    this.#watch(
      "members",
      {
        query: { labelSelector },
        onList: (leases) => {
          tell(this.#table.replace(this.#readable(leases), this.#connection.unbroken));
          this.#connection.heard();
        },
        onEvent: (type, lease) => {
          this.#connection.heard();
          const member = memberOf(lease, this.#options.statefulset);
          if (member === undefined) return;
          tell(
            type === "DELETED" ? this.#table.delete(member.ordinal) : this.#table.set(member, true),
          );
        },
      },
      signal,
    );
    void this.#audit(labelSelector, tell, signal);
  }

  #watch(
    part: Part,
    what: Pick<ObjectWatchOptions<Lease>, "query" | "onList" | "onEvent">,
    signal: AbortSignal,
  ): void {
    const options: ObjectWatchOptions<Lease> = {
      client: this.#options.client,
      path: this.#leases.path,
      clock: this.#clock,
      random: this.#random,
      onAlive: () => this.#connection.ok(part),
      onFailure: (error) => this.#failed(part, error),
      ...what,
    };
    void watchObjects(options, signal).finally(() => this.#connection.ended(part));
  }

  /** Lists the members whenever the watch brings nothing for too long, so that a stream that hangs makes nobody look dead. */
  async #audit(
    labelSelector: string,
    tell: (changed: boolean) => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await pause(this.#clock, AUDIT_MS, signal);
      if (signal.aborted) return;
      if (this.#connection.silentFor() < QUIET_MS) continue;
      try {
        const list = await this.#options.client.getJson<{ items: readonly Lease[] | null }>(
          this.#leases.path,
          { labelSelector },
          signal,
        );
        tell(this.#table.replace(this.#readable(list.items ?? []), this.#connection.unbroken));
        this.#connection.ok("members");
        this.#connection.heard();
      } catch (error) {
        if (!signal.aborted) this.#failed("members", error);
      }
    }
  }

  #readable(leases: readonly Lease[]): StoredMember[] {
    return leases
      .map((lease) => memberOf(lease, this.#options.statefulset))
      .filter((member) => member !== undefined);
  }

  #failed(part: Part, error: unknown): void {
    const explained = this.#leases.explained(error);
    this.#connection.failed(part, explained, isForbidden(explained));
  }

  #own(): Announcement {
    if (this.#announcement === undefined)
      throw new ExporterError(
        "REGISTRY_NO_IDENTITY",
        "a registry without an identity only looks on",
      );
    return this.#announcement;
  }
}
