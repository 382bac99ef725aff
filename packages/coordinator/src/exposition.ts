import { endOfOpenMetrics, type ExpositionFormat } from "@kube-state-mosaic/exposition";
import { selects, type MetricsAnswer, type MetricsRequest } from "@kube-state-mosaic/server";
import {
  gzipStream,
  identityStream,
  mergeAnswers,
  segmentsOf,
  type Piece,
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
  const pieces = expositionPieces(cycle, request, options);
  const identity = answersOf(cycle)[0]?.manifest.identity;
  return {
    status: 200,
    headers: {
      "X-Mosaic-Epoch": String(epoch),
      ...(identity && {
        "X-Mosaic-Total-Shards": String(identity.totalShards),
        "X-Mosaic-Hash": identity.hash,
      }),
    },
    body: { gzip: () => gzipStream(pieces), identity: () => identityStream(pieces) },
  };
}

/** Headers and blocks of the whole answer or one part of it, in order. */
export function expositionPieces(
  cycle: Cycle,
  request: Pick<MetricsRequest, "resources" | "excludeResources"> & {
    readonly format: ExpositionFormat;
  },
  { selfSamples: own, part }: ExpositionOptions,
): Piece[] {
  const { format } = request;
  const chosen = (resource: string): boolean => selects(request, resource);
  const coalesced = cycle.sources(part).map(({ manifest, families }) => ({
    manifest,
    families: families.map(segmentsOf),
  }));
  const pieces = mergeAnswers(coalesced, format, chosen);
  if (!own || (part?.index ?? 0) > 0) return pieces;
  const end = format === "openmetrics" ? pieces.pop() : undefined;
  pieces.push(Buffer.from(selfSamples(cycle, format, chosen)));
  if (end !== undefined) pieces.push(Buffer.from(endOfOpenMetrics));
  return pieces;
}
