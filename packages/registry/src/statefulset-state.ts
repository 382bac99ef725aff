import type { ApiObject } from "./object-watch.ts";

/** The parts of an apps/v1 StatefulSet that say how many shards are wanted. */
export interface StatefulSet extends ApiObject {
  readonly metadata: ApiObject["metadata"] & {
    readonly generation?: number;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: {
    readonly replicas?: number | null;
    readonly ordinals?: { readonly start?: number };
  };
}

/** How many shards are wanted, and by which state of which StatefulSet. */
export interface StatefulSetState {
  readonly name: string;
  readonly uid: string;
  /** Grows with each change of the spec. */
  readonly generation: number;
  /** The first ordinal; 0 unless the spec says another. */
  readonly start: number;
  /** 1 where the spec says nothing. */
  readonly replicas: number;
  readonly deleting: boolean;
}

export function stateOf({ metadata, spec }: StatefulSet): StatefulSetState {
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    generation: metadata.generation ?? 0,
    start: spec?.ordinals?.start ?? 0,
    replicas: spec?.replicas ?? 1,
    deleting: metadata.deletionTimestamp !== undefined,
  };
}
