// The contract
export type { Registry, RegistryMode, RegistryObserver, StoredLayout } from "./registry.ts";
export type { Freshness, Identity, MemberRecord, ObservedMember, ViewState } from "./member.ts";

// Its implementations
export { StaticRegistry, type StaticRegistryOptions } from "./static.ts";
export { LeaseRegistry, type LeaseRegistryOptions } from "./lease.ts";
export type { LeaseOwner } from "./lease-object.ts";
export { leaseRole, type RoleSubject } from "./lease-role.ts";
