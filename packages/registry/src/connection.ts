import type { Clock } from "@kube-state-mosaic/kubernetes";
import { messageOf } from "@kube-state-mosaic/errors";
import type { RegistryMode, RegistryObserver } from "./registry.ts";

/** The kinds of requests a registry makes; each can fail by itself. */
export type Part = "layout" | "members" | "renewal";

type PartState = "ok" | "failing" | "forbidden";

/** Longer than two renewals: who hears nothing for so long was cut off, or stood still itself. */
const SILENCE_MS = 25_000;

/** Whether the registry can be reached, and since when without a break, judged by what its requests came to. */
export class Connection {
  readonly #clock: Pick<Clock, "now">;
  readonly #observer: RegistryObserver;
  readonly #regular: RegistryMode;
  readonly #parts = new Map<Part, PartState>();
  readonly #said = new Set<string>();
  #steadySince: number | undefined;
  #heardAt: number | undefined;
  #told = "";

  constructor(clock: Pick<Clock, "now">, regular: RegistryMode, observer: RegistryObserver = {}) {
    this.#clock = clock;
    this.#regular = regular;
    this.#observer = observer;
  }

  get up(): boolean {
    return this.#parts.size > 0 && [...this.#parts.values()].every((state) => state === "ok");
  }

  get mode(): RegistryMode {
    return [...this.#parts.values()].includes("forbidden") ? "uncoordinated" : this.#regular;
  }

  /** A request was answered. A part that was not yet known to work begins a new stretch without a break. */
  ok(part: Part): void {
    if (this.#parts.get(part) === "ok") return;
    this.#parts.set(part, "ok");
    this.#steadySince = undefined;
    if (this.up) this.#said.clear();
    this.#settle();
  }

  /** A request failed. Distinct errors are reported once until everything works again. */
  failed(part: Part, error: unknown, forbidden: boolean = false): void {
    this.#parts.set(part, forbidden ? "forbidden" : "failing");
    const message = messageOf(error);
    if (!this.#said.has(message)) {
      this.#said.add(message);
      this.#observer.onError?.(error);
    }
    this.#settle();
  }

  /** This kind of request is not made any more. */
  ended(part: Part): void {
    this.#parts.delete(part);
    this.#settle();
  }

  /** News about members, or proof that there is none, reached us just now. A silence before it counts as a break. */
  heard(): void {
    const now = this.#clock.now();
    if (this.silentFor() > SILENCE_MS && this.#steadySince !== undefined) this.#steadySince = now;
    this.#heardAt = now;
  }

  /** Nothing can have been missed up to the last `heard`, and that was just now. */
  get unbroken(): boolean {
    return this.#steadySince !== undefined && this.silentFor() <= SILENCE_MS;
  }

  /** Milliseconds since `heard`. */
  silentFor(): number {
    return this.#heardAt === undefined ? Infinity : this.#clock.now() - this.#heardAt;
  }

  /** Since when nothing about members can have been missed; undefined while something can. */
  get since(): number | undefined {
    return this.unbroken ? this.#steadySince : undefined;
  }

  #settle(): void {
    if (!this.up) this.#steadySince = undefined;
    else this.#steadySince ??= this.#clock.now();
    const { up, mode } = this;
    const state = `${String(up)} ${mode}`;
    if (state === this.#told) return;
    this.#told = state;
    this.#observer.onState?.({ up, mode });
  }
}
