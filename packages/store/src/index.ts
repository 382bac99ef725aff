// Holding
export { HotBudget } from "./hot-budget.ts";
export { MetricsStore, type SetOutcome, type StoreSettings } from "./metrics-store.ts";
export type { Block, Piece, Row, StoreSizes, StoreSnapshot } from "./contract.ts";
export { nextBlockId } from "./family-block.ts";

// Streaming
export { gzipStream, identityStream, pieceSizes } from "./exposition-stream.ts";
export { SnapshotShare, type ShareSettings } from "./snapshot-share.ts";

// Handing blocks to a coordinator, and one exposition of several shards.
export {
  blocksMediaType,
  decodeBlocks,
  encodeBlocks,
  type BlockAnswer,
  type Manifest,
  type ManifestResource,
  type ShardIdentity,
} from "./block-protocol.ts";
export { mergeAnswers } from "./merge.ts";
