import type { RawObject } from "@kube-state-mosaic/wire";

/**
 * What a reflector keeps up to date; a store (behind decoding and rendering) fits it structurally.
 * Calls are synchronous and in the order of the stream. Bytes of a RawObject are valid only during the call.
 * Errors of calls that bring no object end the reflector's run.
 */
export interface ReflectorSink {
  /**
   * A complete list begins. Everything held so far stays visible until `listCompleted`.
   * `versionsRestarted`: the server's versions went back (its etcd was restored), so objects of this list count although their
   * version is lower than the one held.
   */
  listStarted(versionsRestarted: boolean): void;
  /**
   * An object of the list, or of an ADDED or MODIFIED event. A streaming list may bring one object several times, each newer than
   * before, and deletions between `listStarted` and `listCompleted`: all these belong to the list.
   * `added`: it was not there before (an ADDED event, an item of a page); false for a MODIFIED event.
   * Throws an ExporterError when its content cannot be decoded; the object then keeps its old state and the reflector counts and logs it.
   */
  set(object: RawObject, origin: "list" | "watch", added: boolean): void;
  /** The object of a DELETED event; unknown ones are ignored. Errors are treated as those of `set`. */
  delete(object: RawObject): void;
  /** The list is whole at this version: what was not set since `listStarted` does not exist any more. */
  listCompleted(resourceVersion: string): void;
  /** The list broke or was truncated: nothing is removed. */
  listFailed(): void;
  /** Everything up to this version has been delivered. */
  bookmark(resourceVersion: string): void;
}
