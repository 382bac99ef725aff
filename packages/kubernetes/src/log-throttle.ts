import type { LogFields, Logger } from "@kube-state-mosaic/telemetry";
import type { Clock } from "./clock.ts";

const REPEAT_MS = 60_000;
const MAX_KEPT = 200;

/** Says each distinct thing about one resource at most once a minute; what stands until it is fixed, once. */
export class LogThrottle {
  readonly #log: Pick<Logger, "info" | "warn"> | undefined;
  readonly #clock: Pick<Clock, "now">;
  readonly #resource: string;
  readonly #saidAt = new Map<string, number>();
  readonly #standing = new Set<string>();

  constructor(
    log: Pick<Logger, "info" | "warn"> | undefined,
    clock: Pick<Clock, "now">,
    resource: string,
  ) {
    this.#log = log;
    this.#clock = clock;
    this.#resource = resource;
  }

  info(message: string, fields: LogFields): void {
    if (this.#isDue(keyOf(message, fields)))
      this.#log?.info(message, { resource: this.#resource, ...fields });
  }

  /** `standing`: not again before `recovered`. */
  warn(message: string, fields: LogFields, standing: boolean = false): void {
    const key = keyOf(message, fields);
    if (standing && this.#standing.has(key)) return;
    if (standing) this.#standing.add(key);
    else if (!this.#isDue(key)) return;
    this.#log?.warn(message, { resource: this.#resource, ...fields });
  }

  recovered(): void {
    this.#standing.clear();
  }

  #isDue(key: string): boolean {
    const now = this.#clock.now();
    const before = this.#saidAt.get(key);
    if (before !== undefined && now - before < REPEAT_MS) return false;
    if (this.#saidAt.size >= MAX_KEPT) this.#saidAt.clear();
    this.#saidAt.set(key, now);
    return true;
  }
}

function keyOf(message: string, fields: LogFields): string {
  return `${message}\0${String(fields["error"] ?? "")}`;
}
