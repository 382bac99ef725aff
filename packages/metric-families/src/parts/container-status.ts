import type { Container, ContainerStatus } from "@kube-state-mosaic/wire";
import { zeroTime } from "./metadata.ts";

/** A container's spec together with a status of the same name. */
export interface ContainerWithStatus {
  readonly container: Container;
  readonly status: ContainerStatus;
}

/** Every pair of a container and a status of its name; containers without a status are left out. */
export function withStatus(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
): readonly ContainerWithStatus[] {
  const pairs: ContainerWithStatus[] = [];
  for (const container of containers)
    for (const status of statuses)
      if (status.name === container.name) pairs.push({ container, status });
  return pairs;
}

/** Start of the container's current state in seconds; a missing time is the zero time, a container that waits has none. */
export function startedAt({ state }: ContainerStatus): number | undefined {
  const started = state.running ?? state.terminated;
  return started && (started.startedAt ?? zeroTime);
}

/** Time the latest container ended, in seconds; `undefined` unless one ended after 1970. */
export function latestFinish(statuses: readonly ContainerStatus[]): number | undefined {
  let latest = 0;
  for (const { state } of statuses) {
    const finished = state.terminated?.finishedAt;
    if (finished !== undefined && finished > latest) latest = finished;
  }
  return latest > 0 ? latest : undefined;
}
