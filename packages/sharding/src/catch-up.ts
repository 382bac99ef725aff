import { compareVersions } from "./resource-version.ts";

export interface CatchUp {
  /** The version up to which the snapshot is whole. */
  readonly snapshotVersion: string;
  /** From a consistent `LIST limit=1` made after the start; undefined until it has answered. */
  readonly currentVersion: string | undefined;
  /** The highest version of an event or a bookmark of the watch that resumed at the snapshot; undefined before the first. */
  readonly seenVersion: string | undefined;
}

/** Whether rows of a snapshot may be served: everything up to the restart has been applied, so nothing deleted reappears. */
export function isCaughtUp({ snapshotVersion, currentVersion, seenVersion }: CatchUp): boolean {
  if (currentVersion === undefined) return false;
  const reached = seenVersion ?? snapshotVersion;
  return compareVersions(reached, currentVersion) >= 0;
}
