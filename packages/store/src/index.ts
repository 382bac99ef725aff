// Holding
export { HotBudget } from "./hot-budget.ts";
export { MetricsStore, type SetOutcome, type StoreSettings } from "./metrics-store.ts";
export type { Block, Piece, Row, RowLedger, StoreSizes, StoreSnapshot } from "./contract.ts";
export { uidKey } from "./key.ts";

// Streaming
export { gzipStream, identityStream, pieceSizes } from "./exposition-stream.ts";
export { splice, spliceText, splicedStream, type Splice } from "./splice.ts";
export { SnapshotShare, type ShareSettings } from "./snapshot-share.ts";

// Handing blocks to a coordinator, and one exposition of several shards.
export {
  blocksMediaType,
  decodeBlocks,
  type BlockAnswer,
  type CounterReport,
  type Manifest,
  type ManifestResource,
  type ReflectorReport,
  type ShardIdentity,
  type Sums,
  type SumsReport,
} from "./block-protocol.ts";
export { directoryRow, mostGroupRows, type DirectoryRow } from "./group-directory.ts";
export { segmentsOf } from "./received-blocks.ts";
export { cutRows, type RowCut, type RowTargets } from "./row-cut.ts";
export { BlockEncoder, type BlockState, type ReflectorSource } from "./block-encoder.ts";
export { mergeAnswers, type MergeSource } from "./merge.ts";
