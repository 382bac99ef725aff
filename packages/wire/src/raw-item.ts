import type { Encoding, RawObject } from "./raw-object.ts";
import type { Range } from "./protobuf-decode.ts";

const nothing: Range = { start: 0, end: 0 };
const noBytes = Buffer.alloc(0);

/** Where the four metadata fields of an undecoded object lie. A text that had to be unescaped is kept as it reads. */
export interface Identity {
  uid: Range | string | undefined;
  resourceVersion: Range | string | undefined;
  namespace: Range | string | undefined;
  name: Range | string | undefined;
}

export const noIdentity = (): Identity => ({
  uid: undefined,
  resourceVersion: undefined,
  namespace: undefined,
  name: undefined,
});

/** A RawObject over a read buffer; strings are made when somebody asks. */
export class RawItem implements RawObject {
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly uidBytes: Uint8Array;
  readonly uidStart: number;
  readonly uidEnd: number;
  readonly typeColumn: number | undefined;
  readonly #identity: Identity;
  /** Asked for several times, of each event. */
  #resourceVersion: string | undefined;

  constructor(at: {
    encoding: Encoding;
    bytes: Buffer;
    range: Range;
    identity: Identity;
    typeColumn?: number | undefined;
  }) {
    this.encoding = at.encoding;
    this.bytes = at.bytes;
    this.start = at.range.start;
    this.end = at.range.end;
    this.typeColumn = at.typeColumn;
    this.#identity = at.identity;
    const { uid = nothing } = at.identity;
    if (typeof uid === "string") {
      this.uidBytes = Buffer.from(uid);
      this.uidStart = 0;
      this.uidEnd = this.uidBytes.length;
    } else {
      this.uidBytes = uid === nothing ? noBytes : at.bytes;
      this.uidStart = uid.start;
      this.uidEnd = uid.end;
    }
  }

  get uid(): string {
    return this.#text(this.#identity.uid);
  }

  get resourceVersion(): string {
    return (this.#resourceVersion ??= this.#text(this.#identity.resourceVersion));
  }

  get namespace(): string {
    return this.#text(this.#identity.namespace);
  }

  get name(): string {
    return this.#text(this.#identity.name);
  }

  #text(at: Range | string | undefined): string {
    if (at === undefined) return "";
    return typeof at === "string" ? at : this.bytes.toString("utf8", at.start, at.end);
  }
}
