import { endOfOpenMetrics } from "@kube-state-mosaic/exposition";
import { selects, type MetricsAnswer, type MetricsRequest } from "@kube-state-mosaic/server";
import {
  identityStream,
  mergeAnswers,
  segmentsOf,
  splicedStream,
  spliceText,
  type Piece,
  type Splice,
} from "@kube-state-mosaic/store";
import { answersOf, type Cycle } from "./cycle.ts";
import type { Part } from "./part.ts";
import { selfSamples } from "./self-samples.ts";

export interface ExpositionOptions {
  readonly selfSamples: boolean;
  /** Undefined: everything. */
  readonly part: Part | undefined;
}

/** A scrape's answer from a cycle. */
export function exposition(
  cycle: Cycle,
  request: MetricsRequest,
  options: ExpositionOptions,
): MetricsAnswer {
  const { faults, epoch } = cycle;
  if (faults.length > 0)
    return { status: 503, headers: {}, body: faults.map((fault) => `${fault}\n`).join("") };
  const answers = answersOf(cycle);
  const identity = answers.find(({ manifest }) => manifest.identity.epoch === epoch)?.manifest
    .identity;
  return {
    status: 200,
    headers: {
      "X-Mosaic-Epoch": String(epoch),
      ...(identity && {
        "X-Mosaic-Total-Shards": String(identity.totalShards),
        "X-Mosaic-Hash": identity.hash,
      }),
    },
    body: {
      gzip: () => splicedStream(splicesOf(cycle, request, options)),
      identity: () => identityStream(expositionPieces(cycle, request, options)),
    },
  };
}

type Selection = Pick<MetricsRequest, "format" | "resources" | "excludeResources">;

/** Headers and blocks of the whole answer or one part of it, in order. */
export function expositionPieces(
  cycle: Cycle,
  request: Selection,
  options: ExpositionOptions,
): Piece[] {
  const pieces = shardPieces(cycle, request, options.part);
  pieces.push(Buffer.from(endOf(cycle, request, options)));
  return pieces;
}

/** What the shards sent is spliced once for all cycles that it stays the same. */
function splicesOf(cycle: Cycle, request: Selection, options: ExpositionOptions): Splice[] {
  const { part } = options;
  const key = JSON.stringify([
    request.format,
    part,
    request.resources && [...request.resources],
    [...request.excludeResources],
  ]);
  const shards = cycle.splices.of(key, () => shardPieces(cycle, request, part));
  return [shards, spliceText(endOf(cycle, request, options))];
}

/** Without the end marker. */
function shardPieces(cycle: Cycle, request: Selection, part: Part | undefined): Piece[] {
  const coalesced = cycle.sources(part).map(({ manifest, families }) => ({
    manifest,
    families: families.map(segmentsOf),
  }));
  const pieces = mergeAnswers(coalesced, request.format, (name) => selects(request, name));
  if (request.format === "openmetrics") pieces.pop();
  return pieces;
}

/** What the answer says about itself, once, and the end marker. */
function endOf(
  cycle: Cycle,
  request: Selection,
  { selfSamples: own, part }: ExpositionOptions,
): string {
  const { format } = request;
  const isTold = own && (part?.index ?? 0) === 0;
  const samples = isTold ? selfSamples(cycle, format, (name) => selects(request, name)) : "";
  return format === "openmetrics" ? samples + endOfOpenMetrics : samples;
}
