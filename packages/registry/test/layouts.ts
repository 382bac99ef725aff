import { firstLayout, serialiseLayoutState } from "@kube-state-mosaic/sharding";
import type { MemberRecord } from "../src/member.ts";

/** A state whose newest layout has this epoch. */
export function layoutText(epoch: number): string {
  return serialiseLayoutState({
    v: 1,
    floor: epoch,
    source: { uid: "0c8f", generation: epoch, start: 0, replicas: 2 },
    active: { ...firstLayout(epoch, ["0", "1"], "fnv1a64"), activateAt: 1_700_000_000_000 },
    pending: undefined,
    previous: undefined,
  });
}

/** The state before `layoutText(epoch)`: that layout is pending, the one before it active. */
export function pendingText(epoch: number): string {
  return serialiseLayoutState({
    v: 1,
    floor: epoch,
    source: { uid: "0c8f", generation: epoch, start: 0, replicas: 2 },
    active: { ...firstLayout(epoch - 1, ["0"], "fnv1a64"), activateAt: 1_600_000_000_000 },
    pending: { ...firstLayout(epoch, ["0", "1"], "fnv1a64"), createdAt: 1_700_000_000_000 },
    previous: undefined,
  });
}

export function record(over: Partial<MemberRecord> = {}): MemberRecord {
  return {
    address: "http://10.0.0.1:8080",
    incarnation: "a1",
    image: "kube-state-mosaic:1",
    supports: ["fnv1a64", "slots-v1"],
    config: "c0ffee",
    views: { 1: "serving" },
    floor: 1,
    leaving: false,
    deadline: undefined,
    reason: "",
    ...over,
  };
}
