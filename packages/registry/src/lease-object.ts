import { parseMember, type MemberRecord } from "./member.ts";
import type { LayoutText } from "./layout-fence.ts";
import type { StoredMember } from "./member-table.ts";

/** The parts of a coordination.k8s.io/v1 Lease that are read or written here. */
export interface Lease {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: LeaseMetadata;
  readonly spec?: LeaseSpec;
}

export interface LeaseMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
}

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  /** RFC 3339 with microseconds. For people: no decision here compares it. */
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

/** The StatefulSet that its Leases go away with. */
export interface LeaseOwner {
  readonly name: string;
  readonly uid: string;
}

const LAYOUT_ANNOTATION = "kube-state-mosaic/layout";
const MEMBER_ANNOTATION = "kube-state-mosaic/member";
/** On worker Leases, not on the layout's: its value is the StatefulSet's name. */
const MEMBER_LABEL = "kube-state-mosaic/member-of";

export function layoutLeaseName(statefulset: string): string {
  return `${statefulset}-layout`;
}

export function memberLeaseName(statefulset: string, ordinal: string): string {
  return `${statefulset}-${ordinal}`;
}

/** Selects all worker Leases of a StatefulSet. */
export function memberSelector(statefulset: string): string {
  return `${MEMBER_LABEL}=${statefulset}`;
}

/** What a layout Lease stores; an empty text if its annotation is gone. */
export function layoutOf(lease: Lease): LayoutText {
  const { annotations, uid = "", resourceVersion = "" } = lease.metadata;
  return { text: annotations?.[LAYOUT_ANNOTATION] ?? "", version: `${uid}/${resourceVersion}` };
}

/** The metadata that makes a write one of exactly this version; undefined stands for no Lease. */
export function conditionOf(
  version: string | undefined,
): Pick<LeaseMetadata, "uid" | "resourceVersion"> {
  if (version === undefined) return {};
  // The resourceVersion alone is not enough: a PUT of a Lease that has been deleted creates it, whatever version it names.
  const [uid = "", resourceVersion = ""] = version.split("/", 2);
  return { uid, resourceVersion };
}

/** What a worker Lease stores; undefined if it is none that can be read. */
export function memberOf(lease: Lease, statefulset: string): StoredMember | undefined {
  const { name, resourceVersion = "" } = lease.metadata;
  const record = recordOf(lease);
  const ordinal = name.slice(statefulset.length + 1);
  if (record === undefined || name !== memberLeaseName(statefulset, ordinal)) return undefined;
  if (!/^[0-9]+$/.test(ordinal)) return undefined;
  return { ordinal, holder: lease.spec?.holderIdentity ?? "", record, version: resourceVersion };
}

/** What a worker Lease says; undefined if that cannot be read. */
export function recordOf(lease: Lease): MemberRecord | undefined {
  return parseMember(lease.metadata.annotations?.[MEMBER_ANNOTATION]);
}

export function withLayout(lease: Lease, text: string): Lease {
  return annotated(lease, LAYOUT_ANNOTATION, text);
}

export function withMember(lease: Lease, text: string, statefulset: string): Lease {
  const labelled = { ...lease.metadata.labels, [MEMBER_LABEL]: statefulset };
  const metadata = { ...lease.metadata, labels: labelled };
  return annotated({ ...lease, metadata }, MEMBER_ANNOTATION, text);
}

/** A Lease that goes away with its owner, if there is one; without waiting for it to do so. */
export function ownedBy(lease: Lease, owner: LeaseOwner | undefined): Lease {
  if (owner === undefined) return lease;
  const reference = {
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    name: owner.name,
    uid: owner.uid,
    blockOwnerDeletion: false,
  };
  return { ...lease, metadata: { ...lease.metadata, ownerReferences: [reference] } };
}

/** Unix milliseconds as a MicroTime. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function annotated(lease: Lease, name: string, text: string): Lease {
  const metadata = { ...lease.metadata };
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    ...lease,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: text } },
  };
}
