import { ExporterError } from "@kube-state-mosaic/errors";
import type { HeaderFields, MetricType } from "@kube-state-mosaic/exposition";
import type { Block, BlockAnswer, ManifestResource, ShardIdentity } from "@kube-state-mosaic/store";
import { setImmediate } from "node:timers/promises";
import { constants, crc32, deflateRawSync } from "node:zlib";

/** Names the resource that a family belongs to; undefined if it is not known. */
export type ResourceOf = (family: string) => string | undefined;

const blockBytes = 64 << 10;
const types: ReadonlySet<string> = new Set(["gauge", "counter", "info", "stateset"]);

/**
 * A shard's OpenMetrics text as blocks, for workers that do not speak the block protocol (another release, or kube-state-metrics
 * itself). Throws `TEXT_INVALID` for a text that is not whole: OpenMetrics says where it ends.
 */
export async function readTextShard(
  text: Buffer,
  identity: ShardIdentity,
  resourceOf: ResourceOf,
): Promise<BlockAnswer> {
  if (!text.subarray(-6).equals(end))
    throw new ExporterError(
      "TEXT_INVALID",
      "its text ends without # EOF: it is cut, or no OpenMetrics",
    );
  const resources = new Map<string, { header: HeaderFields; blocks: Block[] }[]>();
  let family: { header: HeaderFields; blocks: Block[] } | undefined;
  let start = 0;
  let help = "";
  const close = (at: number) => {
    if (family !== undefined) family.blocks.push(...blocksOf(text, start, at));
  };
  for (let at = 0; at < text.length - end.length;) {
    const lineEnd = text.indexOf(10, at);
    if (text[at] === hash) {
      const line = text.toString("utf8", at, lineEnd);
      const [, keyword, name = "", rest = ""] = /^# (\S+) (\S+) ?(.*)$/s.exec(line) ?? [];
      if (keyword === "HELP") {
        close(at);
        family = undefined;
        help = unescapeHelp(rest);
        await setImmediate();
      }
      if (keyword === "TYPE") {
        const resource = resourceOf(name) ?? "";
        const known = types.has(rest) ? (rest as MetricType) : "gauge";
        family = { header: { name, help, type: known }, blocks: [] };
        resources.set(resource, [...(resources.get(resource) ?? []), family]);
        start = lineEnd + 1;
      }
    }
    at = lineEnd + 1;
  }
  close(text.length - end.length);
  const listed = [...resources].map(([name, families]): ManifestResource => {
    return { name, rows: 1, families: families.map(({ header }) => header) };
  });
  return {
    manifest: {
      identity,
      incarnation: "",
      token: 0,
      epochs: [identity.epoch],
      digest: "",
      resources: listed,
      reflectors: [],
      counters: [],
    },
    families: [...resources.values()].flat().map(({ blocks }) => blocks),
    directories: listed.map(() => []),
  };
}

const end = Buffer.from("# EOF\n");
const hash = 0x23;

function unescapeHelp(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

/** Cut at line ends. */
function* blocksOf(text: Buffer, start: number, stop: number): Generator<Block> {
  for (let at = start; at < stop;) {
    let next = stop;
    if (stop - at > blockBytes) next = text.lastIndexOf(10, at + blockBytes) + 1;
    if (next <= at) next = text.indexOf(10, at) + 1 || stop;
    const bytes = text.subarray(at, next);
    const deflated = deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_FULL_FLUSH });
    yield { id: 0, length: bytes.length, crc32: crc32(bytes), deflated: () => deflated };
    at = next;
  }
}
