// Microseconds a pod takes from a response body to its identity and to its decoded value, in both encodings, against plain JSON.parse.
// The pods hold only what the exporter reads: real ones are two to three times as large, and protobuf skips the rest by its length.
// Run: node packages/wire/bench/decode.ts
import {
  createListReader,
  decode,
  decodeProtobuf,
  encodeList,
  encodeProtobuf,
  omit,
  pod,
  type RawObject,
} from "../src/index.ts";
import { podAt } from "./pods.ts";

const count = 3_000;
const rounds = 8;
const chunkSize = 64 * 1024;

const pods = Array.from({ length: count }, (_, index) => podAt(index));
const messages = pods.map((object) => encodeProtobuf(pod, object));
const texts = pods.map((object) => JSON.stringify(object));
const protobuf = {
  contentType: "application/vnd.kubernetes.protobuf",
  body: encodeList({ apiVersion: "v1", kind: "PodList" }, {}, messages),
};
const json = {
  contentType: "application/json",
  body: Buffer.from(`{"kind":"PodList","metadata":{},"items":[${texts.join(",")}]}`),
};
const pruned = omit(pod, ["metadata.annotations", "metadata.labels"]);

const best = new Map<string, number>();

const scenarios: Record<string, () => unknown> = {
  "JSON.parse alone": () => texts.map((text) => JSON.parse(text) as unknown).length,
  "protobuf: decode": () => messages.map((bytes) => decodeProtobuf(pod, bytes)).length,
  "protobuf: decode without labels and annotations": () =>
    messages.map((bytes) => decodeProtobuf(pruned, bytes)).length,
  "protobuf list: identity only": () => read(protobuf, (raw) => raw.uidStart),
  "protobuf list: decode": () => read(protobuf, (raw) => decode(pod, raw)),
  "JSON list: identity only": () => read(json, (raw) => raw.uidStart),
  "JSON list: decode": () => read(json, (raw) => decode(pod, raw)),
};

for (let round = 0; round < rounds; round++) {
  for (const [name, work] of Object.entries(scenarios)) {
    const started = performance.now();
    work();
    const micros = ((performance.now() - started) * 1_000) / count;
    best.set(name, Math.min(micros, best.get(name) ?? Infinity));
  }
}
console.log(
  `${count} pods, ${messages[0]?.length} bytes each in protobuf, ${texts[0]?.length} in JSON`,
);
for (const [name, micros] of best) console.log(`${micros.toFixed(2).padStart(8)} µs  ${name}`);

function read(
  { contentType, body }: { contentType: string; body: Buffer },
  use: (raw: RawObject) => unknown,
): number {
  const reader = createListReader(contentType);
  let used = 0;
  for (let start = 0; start < body.length; start += chunkSize) {
    reader.push(body.subarray(start, start + chunkSize));
    for (let raw = reader.next(); raw !== undefined; raw = reader.next())
      if (use(raw) !== undefined) used++;
  }
  reader.end();
  return used;
}
