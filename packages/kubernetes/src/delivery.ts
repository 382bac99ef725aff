import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { LogFields } from "@kube-state-mosaic/telemetry";
import type { RawObject } from "@kube-state-mosaic/wire";
import type { Reads } from "./read-format.ts";
import type { ReflectorSink } from "./reflector-sink.ts";
import type { Slices } from "./slices.ts";

/** What lists and watches share on their way from bytes to a sink. */
export interface Delivery {
  readonly sink: ReflectorSink;
  readonly reads: Reads;
  readonly slices: Slices;
  readonly onDecodeError: (error: unknown, object: RawObject) => void;
}

/** Hands one object over. One that cannot be decoded keeps its old state: it must not cost the others theirs. */
export function deliver(
  delivery: Delivery,
  object: RawObject,
  { origin, added }: { readonly origin: "list" | "watch"; readonly added: boolean },
): void {
  assertAsked(delivery.reads, object);
  try {
    delivery.sink.set(object, origin, added);
  } catch (error) {
    delivery.onDecodeError(error, object);
  }
}

/** Hands over the object of a DELETED event. */
export function remove(delivery: Delivery, object: RawObject): void {
  assertAsked(delivery.reads, object);
  try {
    delivery.sink.delete(object);
  } catch (error) {
    delivery.onDecodeError(error, object);
  }
}

/** A server that ignores `as=Table` would send whole Secrets: they are refused, not read. */
function assertAsked(reads: Reads, object: RawObject): void {
  if (reads === "table" && object.encoding !== "table")
    throw new ExporterError(
      "WIRE_NOT_A_TABLE",
      "the server answered a request for table rows with whole objects, which are not read",
    );
}

interface Reader<Item> {
  push(chunk: Uint8Array): void;
  next(): Item | undefined;
}

/** Gives each item of a body to `take` as soon as it is complete, in slices. `take` answers false to stop early. */
export async function readItems<Item>(
  body: AsyncIterable<Buffer>,
  reader: Reader<Item>,
  options: {
    slices: Slices;
    onChunk?: (bytes: number) => void;
    take: (item: Item) => boolean;
  },
): Promise<"ended" | "stopped"> {
  for await (const chunk of body) {
    options.onChunk?.(chunk.length);
    reader.push(chunk);
    for (;;) {
      const pause = options.slices.pause();
      if (pause !== undefined) await pause;
      const item = reader.next();
      if (item === undefined) break;
      if (!options.take(item)) return "stopped";
    }
  }
  return "ended";
}

/** Facts of an undecodable object for the log; never its content. */
export function decodeErrorFields(error: unknown, object: RawObject): LogFields {
  return {
    error: messageOf(error),
    namespace: object.namespace,
    name: object.name,
    bytes: object.end - object.start,
  };
}
