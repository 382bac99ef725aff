/** Label names to values. An empty value is a value: only when a scrape target is built does it count as absent. */
export type LabelSet = ReadonlyMap<string, string>;

/** A label set while it is being put together. */
export type Labels = Map<string, string>;

/** Targets with what they have in common; a group without targets ends the one of the same source. */
export interface TargetGroup {
  /** Identity inside one provider: a later group with the same source replaces the earlier one. */
  readonly source: string;
  /** In order; each has at least `__address__`. */
  readonly targets: readonly LabelSet[];
  readonly labels: LabelSet;
}

const none: LabelSet = new Map();

/** Says that the source has no targets any more. */
export function emptyGroup(source: string): TargetGroup {
  return { source, targets: [], labels: none };
}

/** The target's labels over the group's; a target's empty value wins over the group's value, then all empty values are left out. */
export function mergedLabels(target: LabelSet, group: LabelSet): Labels {
  const merged: Labels = new Map(group);
  for (const [name, value] of target) merged.set(name, value);
  for (const [name, value] of merged) if (value === "") merged.delete(name);
  return merged;
}

/** Whether both say the same, whatever the order of labels; targets are compared in order. */
export function sameGroup(a: TargetGroup, b: TargetGroup): boolean {
  return (
    a.targets.length === b.targets.length &&
    sameLabels(a.labels, b.labels) &&
    a.targets.every((target, index) => sameLabels(target, b.targets[index] ?? none))
  );
}

function sameLabels(a: LabelSet, b: LabelSet): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) if (b.get(name) !== value) return false;
  return true;
}
