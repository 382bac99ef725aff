import type { WatchEvent } from "./raw-object.ts";
import type { ObjectMeta } from "./schema/object-meta.ts";
import { wireError } from "./wire-error.ts";

/** Marks the bookmark after which a streaming list is complete (KEP-3157). */
const initialEventsEnd = "k8s.io/initial-events-end";

export function bookmarkOf(
  metadata: Pick<ObjectMeta, "resourceVersion" | "annotations">,
): WatchEvent {
  return {
    type: "BOOKMARK",
    resourceVersion: metadata.resourceVersion,
    initialEventsEnd: metadata.annotations.get(initialEventsEnd) === "true",
  };
}

/** An ERROR event without a Status tells nothing but that the watch is over. */
export function foreignError(kind: string): WatchEvent {
  const message = `the watch ended with an error event that holds a ${kind} instead of a Status`;
  return {
    type: "ERROR",
    status: { code: 0, reason: "", message, causes: [], retryAfterSeconds: 0 },
  };
}

export const unknownType = (type: string): Error =>
  wireError("WIRE_INVALID", `watch event has the unknown type ${JSON.stringify(type)}`);
