import type { ListedMember } from "@kube-state-mosaic/registry";
import type { Layout, LayoutState } from "@kube-state-mosaic/sharding";

/** What is known about the layout of one StatefulSet. */
export interface LayoutFacts {
  /** Undefined if none is stored, or it cannot be read. */
  readonly state: LayoutState | undefined;
  /** Why it cannot be read. */
  readonly problem: string | undefined;
  readonly members: readonly ListedMember[];
  /** Unix milliseconds. */
  readonly now: number;
}

/** Two tables for people: the layouts, and everybody who is or will be a member. */
export function layoutAsTable({ state, problem, members, now }: LayoutFacts): string {
  const layouts =
    state === undefined
      ? [problem ?? "No layout is stored."]
      : columns([
          ["LAYOUT", "EPOCH", "SHARDS", "SINCE", "DIGEST"],
          row("active", state.active, ago(state.active.activateAt, now)),
          ...(state.pending === undefined
            ? []
            : [row("pending", state.pending, ago(state.pending.createdAt, now))]),
        ]);
  const ordinals = new Set([
    ...members.map(({ ordinal }) => ordinal),
    ...(state?.active.members ?? []),
    ...(state?.pending?.members ?? []),
  ]);
  const rows = [...ordinals]
    .toSorted((a, b) => Number(a) - Number(b))
    .map((ordinal) => {
      const member = members.find((one) => one.ordinal === ordinal);
      return [
        ordinal,
        share(state?.active, ordinal),
        share(state?.pending, ordinal),
        member === undefined ? "never seen" : ago(member.renewedAt, now),
        views(member),
        member?.record.address ?? "-",
        member?.record.reason ?? "",
      ];
    });
  const heads = ["SHARD", "SLOTS", "PENDING", "RENEWED", "VIEWS", "ADDRESS", "REASON"];
  return [...layouts, "", ...columns([heads, ...rows])].join("\n");
}

/** The same as one JSON text, with slots as counts by member. */
export function layoutAsJson({ state, problem, members }: LayoutFacts): string {
  const layout = (one: LayoutState["active"] | LayoutState["pending"]): object | null => {
    if (one === undefined) return null;
    const { slots: _, ...rest } = one;
    const counts = one.members.map((ordinal) => [ordinal, slotsOf(one, ordinal)]);
    return { ...rest, slots: Object.fromEntries(counts) };
  };
  const { floor, source, active, pending, previous } = state ?? {};
  return JSON.stringify(
    {
      problem: problem ?? null,
      floor: floor ?? null,
      source: source ?? null,
      active: layout(active),
      pending: layout(pending),
      previous: previous ?? null,
      members,
    },
    undefined,
    2,
  );
}

function row(name: string, layout: Layout, since: string): string[] {
  return [name, String(layout.epoch), layout.members.join(","), since, layout.digest];
}

function share(layout: Layout | undefined, ordinal: string): string {
  return layout?.members.includes(ordinal) ? String(slotsOf(layout, ordinal)) : "-";
}

function slotsOf(layout: Layout, ordinal: string): number {
  const index = layout.members.indexOf(ordinal);
  return layout.slots.reduce((count, owner) => count + Number(owner === index), 0);
}

function views(member: ListedMember | undefined): string {
  const all = Object.entries(member?.record.views ?? {}).map(([epoch, view]) => `${epoch}:${view}`);
  if (member?.record.leaving) all.push("leaving");
  return all.join(" ") || "-";
}

/** By this machine's clock: for orientation only. */
function ago(at: number | undefined, now: number): string {
  if (at === undefined) return "-";
  const seconds = Math.round((now - at) / 1000);
  return seconds < 0 ? `in ${-seconds}s` : `${seconds}s ago`;
}

/** Two spaces between columns, none at the end of a line. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
