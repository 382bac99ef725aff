/** How the bytes of one object are to be read. `table` is one row of a `Table` response (JSON), its metadata under `object`. */
export type Encoding = "protobuf" | "json" | "table";

/**
 * One object as it came, undecoded, with the few metadata fields that ownership and bookkeeping need.
 * The bytes are a view of a read buffer: valid only until the reader that made it is pushed to or asked again.
 */
export interface RawObject {
  readonly encoding: Encoding;
  /** The object is `bytes[start, end)`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The UID is `uidBytes[uidStart, uidEnd)`; empty when the object has none. Hash this, do not make a string of it. */
  readonly uidBytes: Uint8Array;
  readonly uidStart: number;
  readonly uidEnd: number;
  /** Made on demand. */
  readonly uid: string;
  readonly resourceVersion: string;
  readonly namespace: string;
  readonly name: string;
  /** Position of the `Type` column, for `table` rows only. */
  readonly typeColumn?: number | undefined;
}

/** What a v1 Status says. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** `details.causes[].reason`, `.message`, `.field`. */
  readonly causes: readonly {
    readonly reason: string;
    readonly message: string;
    readonly field: string;
  }[];
  /** Seconds, 0 when absent. */
  readonly retryAfterSeconds: number;
}

export type WatchEvent =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: RawObject }
  | {
      readonly type: "BOOKMARK";
      readonly resourceVersion: string;
      readonly initialEventsEnd: boolean;
    }
  | { readonly type: "ERROR"; readonly status: Status };

export interface ListMetadata {
  readonly resourceVersion: string;
  /** Empty when this was the last page. */
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
  /** The canonical selector the server says it applied. */
  readonly shardSelector: string | undefined;
}

/**
 * Cuts items out of a list body as it arrives, one at a time; memory is bounded by the largest item.
 * Pull after each push: `push(chunk)`, then `next()` until it answers `undefined`; `end()` once the body has ended.
 * Every method throws an ExporterError with a `WIRE_…` code on bytes that cannot be a list; `end()` also when the body stopped early.
 */
export interface ListReader {
  push(chunk: Uint8Array): void;
  next(): RawObject | undefined;
  end(): ListMetadata;
}

/** Cuts events out of a watch body, likewise. `end()` throws `WIRE_TRUNCATED` when the body stopped inside a frame. */
export interface WatchReader {
  push(chunk: Uint8Array): void;
  next(): WatchEvent | undefined;
  end(): void;
}
