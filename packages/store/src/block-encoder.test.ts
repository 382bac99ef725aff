import { constants, inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { BlockEncoder, type BlockState, type ReflectorSource } from "./block-encoder.ts";
import { decodeBlocks, type BlockAnswer } from "./block-protocol.ts";
import { segmentsOf } from "./received-blocks.ts";
import { readRowLengths } from "./row-lengths.ts";
import { directoryRow } from "./group-directory.ts";
import { MetricsStore } from "./metrics-store.ts";

const uidOf = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

function put(store: MetricsStore, index: number, text: string): void {
  store.set({
    uid: uidOf(index),
    namespace: "n",
    name: `p${index}`,
    resourceVersion: String(index + 1),
    texts: [`a{p="${index}"} ${text}\n`, `b{p="${index}"} 1\n`],
    departure: 0,
    hashSlot: index,
  });
}

function stateOf(
  store: MetricsStore,
  changes: Partial<BlockState["manifest"]> = {},
  reflectors: readonly ReflectorSource[] = [],
): BlockState {
  const { rows, families } = store.snapshot();
  const headers = ["a", "b"].map((name) => ({ name, help: "", type: "gauge" as const }));
  return {
    manifest: {
      identity: { shard: 0, totalShards: 1, hash: "jump", epoch: 1 },
      incarnation: "i",
      epochs: [1],
      digest: "",
      resources: [{ name: "pods", rows, families: headers }],
      counters: [],
      ...changes,
    },
    families,
    directories: [store.directories()],
    reflectors,
  };
}

async function frameOf(
  encoder: BlockEncoder,
  state: BlockState,
  base?: BlockAnswer,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const since = base && `${base.manifest.incarnation}:${base.manifest.token}`;
  for await (const chunk of encoder.encode(state, since)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function textOf(
  store: MetricsStore,
): { id: number; length: number; crc32: number; bytes: string }[][] {
  return store.snapshot().families.map((family) => family.map(plain));
}

/** Texts of one family as the directory and the row lengths cut them, by the slot of the hash that tells who it is. */
function rowsIn({ families, directories }: BlockAnswer, family: number): Map<number, string> {
  const texts = new Map<number, string>();
  const groups = new Map(directories[0]?.map((block) => [block.group, block.deflated()]));
  for (const block of families[family] ?? []) {
    const text = inflateRawSync(block.deflated(), { finishFlush: constants.Z_SYNC_FLUSH });
    let at = 0;
    for (const [slot, length] of readRowLengths(block.rowLengths!()).entries()) {
      const row = directoryRow(groups.get(block.group)!, slot);
      if (length > 0) texts.set(row?.hashSlot ?? -1, text.toString("utf8", at, at + length));
      at += length;
    }
    expect(at).toBe(text.length);
  }
  return texts;
}

function rowsOf(store: MetricsStore, family: number): Map<number, string> {
  const rows = Array.from({ length: 23 }, (_, index) => store.find("n", `p${index}`)?.[family]);
  return new Map(rows.flatMap((text, index) => (text === undefined ? [] : [[index, text]])));
}

function plain(block: { id: number; length: number; crc32: number; deflated(): Buffer }) {
  return {
    id: block.id,
    length: block.length,
    crc32: block.crc32,
    bytes: block.deflated().toString("hex"),
  };
}

test("through births, changes, deaths and gatherings the reader has what the store has, and quiet answers cost nearly nothing", async () => {
  let now = 0;
  const store = new MetricsStore(2, {
    groupRows: 4,
    youngRows: 2,
    gatherAfter: 10,
    clock: () => now,
  });
  const encoder = new BlockEncoder();
  let held: BlockAnswer | undefined;
  for (let step = 0; step < 200; step++) {
    now += 5;
    const index = (step * 37) % 23;
    if (step % 4 === 3) store.delete(uidOf(index));
    else put(store, index, String(step));
    if (step % 10 === 0) while (store.maintain());
    const frame = await frameOf(encoder, stateOf(store), held);
    held = decodeBlocks(frame, held);
    expect(held.families.map((family) => family.map(plain))).toEqual(textOf(store));
    for (const family of [0, 1]) expect(rowsIn(held, family)).toEqual(rowsOf(store, family));
    const quiet = await frameOf(encoder, stateOf(store), held);
    expect(quiet.length).toBeLessThan(250);
    const before: BlockAnswer = held;
    held = decodeBlocks(quiet, held);
    // The same lists, so that whatever was made of them can be kept.
    expect(held.families[0]).toBe(before.families[0]);
    expect(held.manifest).toEqual(before.manifest);
  }
});

test("segments have the text of their blocks, in fewer pieces", async () => {
  const store = new MetricsStore(2, { groupRows: 1 });
  store.beginReplace();
  for (let index = 0; index < 50; index++) put(store, index, "1");
  store.endReplace();
  const answer = decodeBlocks(await frameOf(new BlockEncoder(), stateOf(store)));
  const [list = []] = answer.families;
  const [segment, ...others] = segmentsOf(list);
  expect(list).toHaveLength(50);
  expect(others).toEqual([]);
  expect(segment?.deflated()).toEqual(Buffer.concat(list.map((block) => block.deflated())));
  expect(segment?.length).toBe(list.reduce((sum, { length }) => sum + length, 0));
});

test("a reflector's births and deaths are sent once, and anew for another epoch", async () => {
  const store = new MetricsStore(2);
  const asked: (readonly number[] | undefined)[] = [];
  const reflector: ReflectorSource = {
    name: "pods",
    position: [7, 9],
    report: (since) => {
      asked.push(since);
      return {
        name: "pods",
        resource: "pods",
        synced: true,
        version: 5,
        eventVersion: 5,
        undecodable: 0,
      };
    },
  };
  const encoder = new BlockEncoder();
  const first = decodeBlocks(await frameOf(encoder, stateOf(store, {}, [reflector])));
  const second = decodeBlocks(
    await frameOf(encoder, stateOf(store, {}, [reflector]), first),
    first,
  );
  expect(second.manifest).toEqual(first.manifest);
  const other = stateOf(store, { identity: { ...first.manifest.identity, epoch: 2 } }, [reflector]);
  const third = decodeBlocks(await frameOf(encoder, other, second), second);
  expect(third.manifest.reflectors).toEqual(first.manifest.reflectors);
  expect(asked).toEqual([undefined, [7, 9], undefined]);
});

test("a frame that is cut, based on something else or of another version is refused as a whole", async () => {
  const store = new MetricsStore(2);
  put(store, 1, "1");
  const encoder = new BlockEncoder();
  const whole = await frameOf(encoder, stateOf(store));
  const answer = decodeBlocks(whole);
  for (let end = 0; end < whole.length; end += 7)
    expect(() => decodeBlocks(whole.subarray(0, end))).toThrow("blocks frame refused");
  expect(() => decodeBlocks(Buffer.concat([whole, whole]))).toThrow("longer than its tables say");
  const other = Buffer.from(whole);
  other[4] = 2;
  expect(() => decodeBlocks(other)).toThrow("version 1");
  const quiet = await frameOf(encoder, stateOf(store), answer);
  expect(() => decodeBlocks(quiet)).toThrow("is not held");
  expect(() =>
    decodeBlocks(quiet, { ...answer, manifest: { ...answer.manifest, token: 99 } }),
  ).toThrow("is not held");
});
