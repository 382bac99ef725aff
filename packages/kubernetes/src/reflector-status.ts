import type { RawObject, WatchEvent } from "@kube-state-mosaic/wire";
import type { Clock } from "./clock.ts";
import { decodeErrorFields } from "./delivery.ts";
import type { Failure } from "./failure.ts";
import { LogThrottle } from "./log-throttle.ts";
import type { ReflectorOptions } from "./reflector-options.ts";
import type {
  ReflectorObserver,
  ReflectorPhase,
  ReflectorState,
  RelistReason,
} from "./reflector-observer.ts";
import { compareResourceVersions } from "./resource-version.ts";

/** What others may know of a reflector: keeps the state, tells the observer, writes the log. */
export class ReflectorStatus {
  readonly #clock: Clock;
  readonly #observer: ReflectorObserver;
  readonly #log: LogThrottle;
  #state: ReflectorState;
  // These two change with each event: the state is made anew when somebody looks.
  #resourceVersion: string | undefined;
  #lastEventAt: number | undefined;
  #moved = false;
  /** A resumed reflector is synced once it has reached this version. */
  #caughtUpAt: string | undefined;

  constructor(options: ReflectorOptions, clock: Clock) {
    this.#clock = clock;
    this.#observer = options.observer ?? {};
    this.#log = new LogThrottle(options.log, clock, options.resource);
    this.#state = {
      phase: "waiting",
      phaseSince: clock.wall() / 1000,
      synced: false,
      resourceVersion: undefined,
      open: false,
      lastError: undefined,
      failingSince: undefined,
      httpStatus: undefined,
      lastEventAt: undefined,
      relists: 0,
      frameErrors: 0,
      decodeErrors: 0,
    };
  }

  get state(): ReflectorState {
    if (this.#moved) this.#set({});
    return this.#state;
  }

  enter(phase: ReflectorPhase): void {
    if (phase === this.#state.phase) return;
    this.#set({ phase, phaseSince: this.#clock.wall() / 1000 });
    this.#observer.onState?.(this.state);
  }

  watching(): void {
    this.enter(this.#caughtUpAt === undefined ? "synced" : "catching-up");
  }

  resumed(from: string, now: string): void {
    this.#caughtUpAt = now;
    this.progressed(from);
  }

  listed(resourceVersion: string): void {
    this.#caughtUpAt = undefined;
    this.#resourceVersion = resourceVersion;
    this.#set({ synced: true });
    this.worked();
    this.enter("synced");
  }

  progressed(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
    this.#moved = true;
    if (this.#caughtUpAt === undefined) return;
    if ((compareResourceVersions(resourceVersion, this.#caughtUpAt) ?? -1) < 0) return;
    this.#caughtUpAt = undefined;
    this.#set({ synced: true });
    this.enter("synced");
  }

  saw(event: WatchEvent): void {
    this.#observer.onEvent?.(event.type);
    if (event.type === "ERROR") return;
    this.#lastEventAt = this.#clock.wall() / 1000;
    this.#moved = true;
  }

  opened(result: "success" | "error"): void {
    // What failed before is over; whether delays start over is another question.
    if (result === "success") this.#set({ ...RECOVERED, open: true });
    this.#observer.onWatch?.(result);
  }

  closed(): void {
    this.#set({ open: false });
  }

  listedPage(result: "success" | "error", objects: number): void {
    this.#observer.onList?.(result, objects);
  }

  shardSelectorApplied(applied: string | undefined): void {
    this.#observer.onShardSelector?.(applied);
  }

  shardSelectorRefused(message: string): void {
    this.#observer.onShardSelectorRefused?.();
    this.#log.warn("the API server refuses the shard selector; everything is read", {
      error: message,
    });
  }

  failed(failure: Failure): void {
    const { message: error, kind, httpStatus } = failure;
    const failingSince = this.#state.failingSince ?? this.#clock.wall() / 1000;
    if (kind !== "cut") this.#set({ lastError: error, failingSince, httpStatus });
    if (kind === "unreadable") {
      this.#set({ frameErrors: this.#state.frameErrors + 1 });
      this.#observer.onFrameError?.(failure);
    }
    // An RBAC rule or an API that is missing stays so until somebody acts: said once.
    const standing = httpStatus === 403 || httpStatus === 404;
    this.#log.warn("list or watch failed and is tried again", { error, kind }, standing);
  }

  undecodable(error: unknown, object: RawObject): void {
    this.#set({ decodeErrors: this.#state.decodeErrors + 1 });
    this.#observer.onDecodeError?.(error);
    this.#log.warn(
      "an object cannot be decoded and keeps its old state",
      decodeErrorFields(error, object),
    );
  }

  relists(reason: RelistReason): void {
    const resourceVersion = this.#resourceVersion;
    this.#set({ relists: this.#state.relists + 1 });
    this.#observer.onRelist?.(reason);
    this.#log.info("list again", { reason, resourceVersion });
  }

  worked(): void {
    this.#set(RECOVERED);
    this.#log.recovered();
  }

  #set(change: Partial<ReflectorState>): void {
    this.#moved = false;
    this.#state = {
      ...this.#state,
      resourceVersion: this.#resourceVersion,
      lastEventAt: this.#lastEventAt,
      ...change,
    };
  }
}

const RECOVERED = { lastError: undefined, failingSince: undefined, httpStatus: 200 } as const;
