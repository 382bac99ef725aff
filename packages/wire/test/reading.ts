import type { ListMetadata, ListReader, RawObject, WatchEvent, WatchReader } from "../src/index.ts";

/** What of a raw object outlives the next push. */
export interface Seen {
  readonly encoding: string;
  readonly text: string;
  readonly uid: string;
  readonly uidFromBytes: string;
  readonly resourceVersion: string;
  readonly namespace: string;
  readonly name: string;
  readonly typeColumn: number | undefined;
}

const seen = (raw: RawObject): Seen => ({
  encoding: raw.encoding,
  text: raw.bytes.toString("latin1", raw.start, raw.end),
  uid: raw.uid,
  uidFromBytes: Buffer.from(raw.uidBytes).toString("utf8", raw.uidStart, raw.uidEnd),
  resourceVersion: raw.resourceVersion,
  namespace: raw.namespace,
  name: raw.name,
  typeColumn: raw.typeColumn,
});

export function readList(
  reader: ListReader,
  chunks: readonly Uint8Array[],
): { items: Seen[]; metadata: ListMetadata } {
  const items: Seen[] = [];
  for (const chunk of chunks) {
    pushAndSpoil(reader, chunk, () => {
      for (let raw = reader.next(); raw !== undefined; raw = reader.next()) items.push(seen(raw));
    });
  }
  return { items, metadata: reader.end() };
}

type SeenEvent = Exclude<WatchEvent, { object: RawObject }> | { type: string; object: Seen };

export function readWatch(reader: WatchReader, chunks: readonly Uint8Array[]): SeenEvent[] {
  const events: SeenEvent[] = [];
  for (const chunk of chunks) {
    pushAndSpoil(reader, chunk, () => {
      for (let event = reader.next(); event !== undefined; event = reader.next())
        events.push("object" in event ? { type: event.type, object: seen(event.object) } : event);
    });
  }
  reader.end();
  return events;
}

/** `bytes` in two parts at every position, in single bytes, and whole. */
export function* splits(bytes: Buffer): Generator<readonly Buffer[]> {
  yield [bytes];
  yield Array.from(bytes, (byte) => Buffer.from([byte]));
  for (let at = 0; at <= bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)];
}

/** A reader must have copied what it keeps: the chunk's memory is overwritten once it has been asked for everything. */
function pushAndSpoil(
  reader: { push(chunk: Uint8Array): void },
  chunk: Uint8Array,
  pull: () => void,
): void {
  const memory = Buffer.from(chunk);
  reader.push(memory);
  pull();
  memory.fill(0xaa);
}
