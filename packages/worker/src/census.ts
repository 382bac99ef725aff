import {
  Reflector,
  type ReflectorOptions,
  type ReflectorSink,
} from "@kube-state-mosaic/kubernetes";
import { uidKey, type Sums } from "@kube-state-mosaic/store";
import { RunningSums } from "./change-log.ts";

/** What is listed, and by which means. */
export type CountedCollection = Required<
  Pick<ReflectorOptions, "client" | "path" | "resource" | "protobuf" | "query" | "lists" | "slices">
>;

/** How many objects a collection has at a version, and the sums of their UIDs. */
export interface Census {
  readonly resourceVersion: string;
  readonly sums: Sums;
}

/** Counts a collection by a consistent list of all metadata, page by page. Throws what broke it: nothing is retried. */
export async function takeCensus(
  collection: CountedCollection,
  signal: AbortSignal,
): Promise<Census> {
  const counted = new RunningSums();
  const sink: ReflectorSink = {
    // A list whose continue token has expired begins anew.
    listStarted: () => counted.clear(),
    set: ({ uid }) => counted.add(uidKey(uid), 1),
    listCompleted: () => undefined,
    listFailed: () => undefined,
    delete: () => undefined,
    bookmark: () => undefined,
  };
  const reflector = new Reflector({ ...collection, reads: "metadata", sink });
  const resourceVersion = await reflector.listInto(sink, signal);
  const { n, a, b } = counted;
  return { resourceVersion, sums: { n, a, b } };
}
