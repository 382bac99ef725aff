// The contract
export type { Registry, RegistryMode, RegistryObserver, StoredLayout } from "./registry.ts";
export type { Freshness, Identity, MemberRecord, ObservedMember, ViewState } from "./member.ts";

// Its implementations
export { StaticRegistry, type StaticRegistryOptions } from "./static.ts";
export { LeaseRegistry, type LeaseRegistryOptions } from "./lease.ts";
export type { LeaseOwner } from "./lease-object.ts";
export { leaseRole, type RoleSubject } from "./lease-role.ts";
export {
  listMembers,
  removeLayout,
  type LeasePlaceName,
  type ListedMember,
} from "./lease-inspection.ts";
export { RedisRegistry, type RedisRegistryOptions } from "./redis-registry.ts";
export { parseRedisAddress, type RedisAddress } from "./redis-address.ts";

// How many shards are wanted, and who we are
export {
  findStatefulSet,
  type Departure,
  type StatefulSetSource,
  type StatefulSetSourceOptions,
} from "./statefulset-source.ts";
export type { StatefulSetState } from "./statefulset-state.ts";
export type { OwnPod } from "./own-pod.ts";
