// Hashes of a UID
export { isHashName, type Hash, type HashName, type HashValue } from "./hash.ts";
export { hashNamed, slotCount, slotOf } from "./slot.ts";
export { jump, jumpDeparture } from "./jump.ts";

// Who owns an object
export { jumpOwnership, slotOwnership, type Ownership, type SlotTable } from "./ownership.ts";
export { departureClasses, memberLimit, plainSlots, slotTableName } from "./slot-table.ts";
export { shardSelector, slotSelector } from "./shard-selector.ts";

// Layouts
export {
  gainedSlots,
  indexOf,
  makeLayout,
  ownedSlots,
  type ActiveLayout,
  type Layout,
  type PendingLayout,
} from "./layout.ts";
export {
  compareStates,
  parseLayoutState,
  serialiseLayoutState,
  type LayoutSource,
  type LayoutState,
} from "./layout-state.ts";
export { firstLayout, hasMembers, nextLayout } from "./next-layout.ts";
export { planAlone } from "./plan-alone.ts";
export { livenessOf, leaseDuration, type LeaseObservation, type Liveness } from "./liveness.ts";
export { timing } from "./timing.ts";

// Planner
export type { MemberReport, PlanInput, ReportedView, StatefulSetState } from "./plan-input.ts";
export { coverOf, noMemory, plan, type Plan, type PlanMemory, type PlanReason } from "./planner.ts";
export { noStandby, plannerRank, standBy, type StandbyInput } from "./standby.ts";

// Worker
export {
  adopt,
  answerableEpochs,
  defaultView,
  isPodReady,
  noLayouts,
  reportedViews,
  retire,
  setSynced,
  type Adoption,
  type View,
  type WorkerLayouts,
} from "./worker-layouts.ts";
export { reflectorsMissing, type ReflectorProgress } from "./view-readiness.ts";
export { mayLeave, terminationOf, type Termination, type TerminationInput } from "./termination.ts";
export {
  claimIdentity,
  keepIdentity,
  type IdentityDecision,
  type IdentityInput,
  type LeaseHolder,
} from "./identity.ts";
export {
  GainMerge,
  type GainedRows,
  type GainEvent,
  type MergeDecision,
  type VersionedObject,
} from "./gain-merge.ts";
export { compareVersions, newerVersion } from "./resource-version.ts";

// Coordinator
export {
  decideEpoch,
  epochsToAsk,
  type ShardProgress,
  type ShownVersions,
  type SwitchDecision,
  type SwitchInput,
} from "./switch-rule.ts";
