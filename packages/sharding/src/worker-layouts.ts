import { compareStates, type LayoutState } from "./layout-state.ts";
import type { Layout } from "./layout.ts";
import type { ReportedView } from "./plan-input.ts";
import { timing } from "./timing.ts";

/** A worker's part in one layout: its rows for it, complete or not. A member of another layout only has an empty part. */
export interface View {
  readonly layout: Layout;
  /** Everything that the worker owns in this layout is here and live. */
  readonly synced: boolean;
  /** Unix time in milliseconds; undefined as long as the layout is pending. */
  readonly activateAt: number | undefined;
}

/** What a worker knows of layouts. Changed only by the functions below. */
export interface WorkerLayouts {
  readonly state: LayoutState | undefined;
  /** By rising epoch: what is in force, what was until the grace is over, what is being prepared. */
  readonly views: readonly View[];
}

export const noLayouts: WorkerLayouts = { state: undefined, views: [] };

export interface Adoption {
  readonly layouts: WorkerLayouts;
  /**
   * `older`: a late delivery, or a registry that has lost writes; nothing changes, and a planner repairs it.
   * `conflict`: an epoch has another content than before, which no correct planner writes; nothing changes, and it has to be shown.
   */
  readonly verdict: "adopted" | "unchanged" | "older" | "conflict";
  /** Layouts to gain the share of, beside what is served. */
  readonly build: readonly Layout[];
  /** Epochs that were prepared in vain. */
  readonly drop: readonly number[];
}

/** Takes over a state read from the registry; never one from a request, since anyone can send that. */
export function adopt(layouts: WorkerLayouts, stored: LayoutState): Adoption {
  const { state, views } = layouts;
  const unchanged = { layouts, build: [], drop: [] };
  if (contradicts(views, stored)) return { ...unchanged, verdict: "conflict" };
  const step = state === undefined ? 1 : compareStates(stored, state);
  if (step < 0) return { ...unchanged, verdict: "older" };
  if (step === 0) return { ...unchanged, verdict: "unchanged" };

  const { active, pending } = stored;
  const wanted: Layout[] = pending === undefined ? [active] : [active, pending];
  const inForce = views
    .map((view) => committed(view, stored))
    .filter(({ activateAt }) => activateAt !== undefined);
  const kept = [
    ...inForce,
    ...views.filter(
      ({ layout, activateAt }) => activateAt === undefined && layout.epoch === pending?.epoch,
    ),
  ];
  const build = wanted.filter(({ epoch }) => !kept.some(({ layout }) => layout.epoch === epoch));
  const added = build.map((layout): View => {
    const activateAt = layout.epoch === active.epoch ? active.activateAt : undefined;
    return { layout, synced: false, activateAt };
  });
  const result = [...kept, ...added].toSorted((a, b) => a.layout.epoch - b.layout.epoch);
  const drop = views
    .map(({ layout }) => layout.epoch)
    .filter((epoch) => !kept.some(({ layout }) => layout.epoch === epoch));
  return { layouts: { state: stored, views: result }, verdict: "adopted", build, drop };
}

/** Records that a view became complete, or that it is not any more. */
export function setSynced(layouts: WorkerLayouts, epoch: number, synced: boolean): WorkerLayouts {
  const views = layouts.views.map((view) =>
    view.layout.epoch === epoch ? { ...view, synced } : view,
  );
  return { ...layouts, views };
}

/** What direct scrapes get at this moment by the worker's clock: the newest layout in force, synced or not. */
export function defaultView({ views }: WorkerLayouts, wall: number): View | undefined {
  return views.findLast(({ activateAt }) => activateAt !== undefined && activateAt <= wall);
}

/** The epochs that the worker answers when it is asked for them, whether or not it has seen their commit. */
export function answerableEpochs({ views }: WorkerLayouts): number[] {
  return views.filter(({ synced }) => synced).map(({ layout }) => layout.epoch);
}

/** The views as the worker's Lease reports them. */
export function reportedViews(layouts: WorkerLayouts, wall: number): Map<number, ReportedView> {
  const current = defaultView(layouts, wall);
  return new Map(
    layouts.views.map((view) => {
      const ready = view === current ? "serving" : "ready";
      return [view.layout.epoch, view.synced ? ready : "building"] as const;
    }),
  );
}

/**
 * Takes the views away whose successor has been in force for the grace period; their rows that no other view holds can be
 * freed. `wall` is the worker's clock.
 */
export function retire(
  layouts: WorkerLayouts,
  wall: number,
): { readonly layouts: WorkerLayouts; readonly retired: readonly number[] } {
  const { views } = layouts;
  const isRetired = ({ layout }: View): boolean =>
    views.some(
      (other) =>
        other.layout.epoch > layout.epoch &&
        other.activateAt !== undefined &&
        other.activateAt + timing.grace <= wall,
    );
  const retired = views.filter(isRetired).map(({ layout }) => layout.epoch);
  if (retired.length === 0) return { layouts, retired };
  return { layouts: { ...layouts, views: views.filter((view) => !isRetired(view)) }, retired };
}

/**
 * Readiness of the pod: synced for the newest layout that it is a member of, committed or not. It must not wait for a commit: with
 * ordered pod management the next pod is created only when this one is ready. A pod that is no member is ready.
 */
export function isPodReady({ state, views }: WorkerLayouts, ordinal: string): boolean {
  if (state === undefined) return false;
  const newest = views.findLast(({ layout }) => layout.members.includes(ordinal));
  return newest?.synced ?? true;
}

/** A view whose layout the stored state has made active gets its time; others stay as they are. */
function committed(view: View, { active }: LayoutState): View {
  if (view.layout.epoch !== active.epoch) return view;
  return { ...view, activateAt: active.activateAt };
}

function contradicts(views: readonly View[], { active, pending }: LayoutState): boolean {
  return views.some(({ layout }) =>
    [active, pending].some(
      (other) => other?.epoch === layout.epoch && other.digest !== layout.digest,
    ),
  );
}
