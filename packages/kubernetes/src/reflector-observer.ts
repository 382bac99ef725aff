import type { Failure } from "./failure.ts";

/** Why a complete list is read again. */
export type RelistReason =
  | "expired"
  | "short-watch"
  | "status"
  | "unreachable"
  | "unreadable"
  | "version-went-back";

/**
 * `waiting` for its start or a list slot; `listing`; `catching-up` with the server after a resume; `synced`: a watch is open or
 * being opened; `backoff` after a failure; `stopped`.
 */
export type ReflectorPhase =
  | "waiting"
  | "listing"
  | "catching-up"
  | "synced"
  | "backoff"
  | "stopped";

/** What readiness pages and metrics show of a reflector; a snapshot. */
export interface ReflectorState {
  readonly phase: ReflectorPhase;
  /** Unix seconds. */
  readonly phaseSince: number;
  /** A complete list was read once (or a resumed watch has caught up). */
  readonly synced: boolean;
  /** Where the next watch would begin; undefined before the first list. */
  readonly resourceVersion: string | undefined;
  /** A watch is open: events arrive as they happen. */
  readonly open: boolean;
  /** Of the failure that has not been followed by a success (an answered watch, a complete list) yet. */
  readonly lastError: string | undefined;
  /** Unix seconds of the first failure since the last success. */
  readonly failingSince: number | undefined;
  /** HTTP status of the last answer; undefined when the last request got none. */
  readonly httpStatus: number | undefined;
  /** Unix seconds of the last event or bookmark. */
  readonly lastEventAt: number | undefined;
  readonly relists: number;
  /** Frames or bodies that could not be read. */
  readonly frameErrors: number;
  /** Objects whose content could not be decoded. */
  readonly decodeErrors: number;
}

/** Told what a reflector does, for metrics. Calls are synchronous and must not throw. */
export interface ReflectorObserver {
  /** A LIST request (each page) ended; `objects` of this page. */
  onList?(result: "success" | "error", objects: number): void;
  /** A WATCH request (also of a streaming list) was answered; later stream errors do not count. */
  onWatch?(result: "success" | "error"): void;
  onRelist?(reason: RelistReason): void;
  onEvent?(type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR"): void;
  onFrameError?(failure: Failure): void;
  onDecodeError?(error: unknown): void;
  /**
   * A LIST page came in answer to a shard selector; `applied` is what the server says it did. It never says so for custom resources,
   * nor (seen on 1.36.3) where table rows or metadata are read, although it filters there too.
   */
  onShardSelector?(applied: string | undefined): void;
  /** The server refused the shard selector's form: it is not sent any more. */
  onShardSelectorRefused?(): void;
  /** After every change of phase. */
  onState?(state: ReflectorState): void;
}
