import { ExporterError } from "@kube-state-mosaic/errors";
import type { Liveness, ReportedView } from "@kube-state-mosaic/sharding";

/** How far a member is with its share of one layout. */
export type ViewState = ReportedView;

/** What a member says about itself. */
export interface MemberRecord {
  /** `http://host:port` of its data port. */
  readonly address: string;
  /** Of this process; changes with each start. */
  readonly incarnation: string;
  readonly image: string;
  /** Names of hashes, slot tables, layout and block versions it can work with. */
  readonly supports: readonly string[];
  /** Fingerprint of the configuration that decides which samples there are. */
  readonly config: string;
  /** By epoch. */
  readonly views: Readonly<Record<string, ViewState>>;
  /** The highest epoch it has known, over all its incarnations, so that none is used twice even if the store forgets it. */
  readonly floor: number;
  /** It is being removed, and serves until a layout without it is in force. */
  readonly leaving: boolean;
  /** Unix milliseconds by which a leaving member has to be gone. */
  readonly deadline: number | undefined;
  /** Why a view is not ready; empty if nothing is to be said. */
  readonly reason: string;
}

/**
 * `fresh`: its record was seen to change within 40 s. `dead`: not fresh, though nothing can have been missed for 40 s.
 * `unknown`: anything else; blocks decisions.
 */
export type Freshness = Liveness;

export interface ObservedMember {
  readonly ordinal: string;
  /** The pod UID of the instance that holds this identity; empty once it was released. */
  readonly holder: string;
  readonly record: MemberRecord;
  readonly freshness: Freshness;
}

/** Whom an instance announces itself as. */
export interface Identity {
  /** Of the pod in its StatefulSet: `0`, `12`. */
  readonly ordinal: string;
  /** UID of the pod. */
  readonly uid: string;
}

/** Of the text that travels; the reason is what gives way. */
const MAX_BYTES = 1024;

/** One line of JSON of at most 1,024 bytes; a long reason is cut. Throws `MEMBER_TOO_LARGE` if that is not enough. */
export function serialiseMember(record: MemberRecord): string {
  const text = JSON.stringify(record);
  const excess = Buffer.byteLength(text) - MAX_BYTES;
  if (excess <= 0) return text;
  // A character never takes less than a byte, so cutting the excess in characters is enough.
  const reason = record.reason.slice(0, Math.max(0, record.reason.length - excess - 3));
  if (reason === "" && record.reason !== "") return serialiseMember({ ...record, reason: "" });
  if (record.reason !== "") return serialiseMember({ ...record, reason: `${reason}…` });
  throw new ExporterError(
    "MEMBER_TOO_LARGE",
    `the record of ${record.address} has ${MAX_BYTES + excess} bytes, more than ${MAX_BYTES}: it is not announced`,
  );
}

/** Reads a record of this or another image: what is missing or of another type gets its empty value. Undefined for no record at all. */
export function parseMember(text: string | undefined): MemberRecord | undefined {
  const fields = text === undefined ? undefined : parseObject(text);
  if (fields === undefined) return undefined;
  const string = (name: string): string => {
    const value = fields[name];
    return typeof value === "string" ? value : "";
  };
  const { supports, views, floor, leaving, deadline } = fields;
  return {
    address: string("address"),
    incarnation: string("incarnation"),
    image: string("image"),
    supports: Array.isArray(supports) ? supports.filter((name) => typeof name === "string") : [],
    config: string("config"),
    views: isObject(views) ? knownViews(views) : {},
    floor: typeof floor === "number" && Number.isSafeInteger(floor) ? Math.max(0, floor) : 0,
    leaving: leaving === true,
    deadline: typeof deadline === "number" ? deadline : undefined,
    reason: string("reason"),
  };
}

function knownViews(views: Readonly<Record<string, unknown>>): Record<string, ViewState> {
  const known: Record<string, ViewState> = {};
  for (const [epoch, state] of Object.entries(views))
    // A state that this image does not know is one that it must not count on.
    if (state === "building" || state === "ready" || state === "serving") known[epoch] = state;
  return known;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
