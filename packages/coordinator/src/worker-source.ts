import type { LayoutState } from "@kube-state-mosaic/sharding";

/** A worker to ask, as far as it is known before it has answered. */
export interface KnownWorker {
  /** As layouts name it; in a list its place there. */
  readonly ordinal: string;
  /** Base URL of its metrics port, without a slash at the end. */
  readonly url: string;
  /** What the registry says; undefined for one that is only listed. */
  readonly record: WorkerRecord | undefined;
}

/** What a worker has announced of itself. */
export interface WorkerRecord {
  /** Of its process: another one that answers under its address is not it. */
  readonly incarnation: string;
  readonly image: string;
  readonly config: string;
  readonly leaving: boolean;
  readonly freshness: "fresh" | "dead" | "unknown";
  readonly views: Readonly<Record<string, string>>;
  readonly reason: string;
}

export interface Workforce {
  /** Undefined: nothing but a list is known; workers say themselves which shards they are. */
  readonly layout: LayoutState | undefined;
  readonly workers: readonly KnownWorker[];
  /** Why nothing is known yet. */
  readonly problem: string | undefined;
}

/** Who the workers are, at this moment. */
export interface WorkerSource {
  current(): Workforce;
  /** Keeps `current` up to date until aborted. */
  watch(signal: AbortSignal): void;
}

/** Workers that are listed, in shard order. */
export function listedWorkers(urls: readonly string[]): WorkerSource {
  const workers = urls.map((url, index) => ({
    ordinal: String(index),
    url: url.replace(/\/+$/, ""),
    record: undefined,
  }));
  const problem = urls.length === 0 ? "no workers are listed" : undefined;
  return { current: () => ({ layout: undefined, workers, problem }), watch: () => undefined };
}
