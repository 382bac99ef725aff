import {
  invalid,
  makeLayout,
  type ActiveLayout,
  type Layout,
  type PendingLayout,
} from "./layout.ts";

/** The state of the StatefulSet that a layout answers. */
export interface LayoutSource {
  readonly uid: string;
  readonly generation: number;
  /** `spec.ordinals.start`, 0 if absent. */
  readonly start: number;
  readonly replicas: number;
}

/** Everything that members share about layouts: one object, changed only by compare-and-swap. */
export interface LayoutState {
  readonly v: 1;
  /** The highest epoch ever named. The next layout gets `floor + 1`. */
  readonly floor: number;
  /** What the newest layout answers. */
  readonly source: LayoutSource;
  readonly active: ActiveLayout;
  readonly pending: PendingLayout | undefined;
  /** The layout that was active before, for finding two layouts of one epoch. */
  readonly previous: { readonly epoch: number; readonly digest: string } | undefined;
}

/**
 * Positive if `a` was written after `b`, 0 if they are the same step: each write raises the active epoch, or the floor, or takes
 * the pending layout away. So a late delivery, or a store that has lost writes, is told from news without a clock; and what has been
 * committed stays so, whatever was proposed on top of an older state.
 */
export function compareStates(a: LayoutState, b: LayoutState): number {
  return (
    a.active.epoch - b.active.epoch ||
    a.floor - b.floor ||
    Number(a.pending === undefined) - Number(b.pending === undefined)
  );
}

/** The text of the annotation: one line of JSON, about 1.5 KB a layout. */
export function serialiseLayoutState(state: LayoutState): string {
  const { v, floor, source, active, pending, previous } = state;
  return JSON.stringify({
    v,
    floor,
    source,
    active: { ...written(active), activateAt: active.activateAt },
    pending: pending === undefined ? null : { ...written(pending), createdAt: pending.createdAt },
    previous: previous ?? null,
  });
}

/** Reads the annotation back. Throws `LAYOUT_INVALID` that names the first field that is missing or contradicts another one. */
export function parseLayoutState(text: string): LayoutState {
  const fields = objectOf("annotation", parseJson(text));
  if (fields["v"] !== 1) throw invalid("v", `version ${JSON.stringify(fields["v"])} is not known`);
  const active = objectOf("active", fields["active"]);
  const pending = optional("pending", fields["pending"]);
  const previous = optional("previous", fields["previous"]);
  const state: LayoutState = {
    v: 1,
    floor: integer("floor", fields["floor"]),
    source: readSource(objectOf("source", fields["source"])),
    active: {
      ...readLayout("active", active),
      activateAt: integer("active.activateAt", active["activateAt"]),
    },
    pending: pending && {
      ...readLayout("pending", pending),
      createdAt: integer("pending.createdAt", pending["createdAt"]),
    },
    previous: previous && {
      epoch: integer("previous.epoch", previous["epoch"]),
      digest: string("previous.digest", previous["digest"]),
    },
  };
  checkEpochs(state);
  return state;
}

function checkEpochs({ floor, active, pending, previous }: LayoutState): void {
  const newest = pending?.epoch ?? active.epoch;
  if (newest < active.epoch || pending?.epoch === active.epoch)
    throw invalid("pending.epoch", `${newest} is not above the active ${active.epoch}`);
  if (floor < newest) throw invalid("floor", `${floor} is below epoch ${newest}`);
  if (previous !== undefined && previous.epoch >= active.epoch)
    throw invalid("previous.epoch", `${previous.epoch} is not below the active ${active.epoch}`);
}

function written({ epoch, hash, table, members, slots, digest }: Layout): object {
  return { epoch, hash, table, members, slots: Buffer.from(slots).toString("base64"), digest };
}

function readLayout(part: string, fields: Fields): Layout {
  const layout = makeLayout({
    epoch: integer(`${part}.epoch`, fields["epoch"]),
    hash: string(`${part}.hash`, fields["hash"]),
    table: string(`${part}.table`, fields["table"]),
    members: strings(`${part}.members`, fields["members"]),
    slots: readSlots(`${part}.slots`, fields["slots"]),
  });
  const digest = string(`${part}.digest`, fields["digest"]);
  if (digest !== layout.digest)
    throw invalid(`${part}.digest`, `${digest} is written, the content has ${layout.digest}`);
  return layout;
}

function readSource(fields: Fields): LayoutSource {
  return {
    uid: string("source.uid", fields["uid"]),
    generation: integer("source.generation", fields["generation"]),
    start: integer("source.start", fields["start"]),
    replicas: integer("source.replicas", fields["replicas"]),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid("annotation", `it is no JSON (${String(error)})`);
  }
}

function objectOf(part: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid(part, "an object is missing");
  return value as Fields;
}

function optional(part: string, value: unknown): Fields | undefined {
  return value === null ? undefined : objectOf(part, value);
}

function integer(part: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw invalid(part, `a whole number from 0 on is missing, not ${JSON.stringify(value)}`);
  return value;
}

function string(part: string, value: unknown): string {
  if (typeof value !== "string") throw invalid(part, "a text is missing");
  return value;
}

function strings(part: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw invalid(part, "a list of texts is missing");
  return value.map((entry: unknown, index) => string(`${part}[${index}]`, entry));
}

/** Node's decoder skips what is no base64, so the text is compared with what it should have been. */
function readSlots(part: string, value: unknown): Uint8Array {
  const text = string(part, value);
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) throw invalid(part, "it is no base64");
  return Uint8Array.from(bytes);
}
