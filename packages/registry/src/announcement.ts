import { messageOf } from "@kube-state-mosaic/errors";
import type { Clock } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { MemberRecord } from "./member.ts";
import type { OwnPlace, PlaceEntry } from "./own-place.ts";
import type { RegistryObserver } from "./registry.ts";
import { Renewal } from "./renewal.ts";

export interface AnnouncementOptions {
  readonly place: Pick<OwnPlace<PlaceEntry>, "write" | "release">;
  readonly clock: Pick<Clock, "now" | "after">;
  /** Values in [0, 1). */
  readonly random: () => number;
  readonly observer: RegistryObserver;
  readonly log: Pick<Logger, "info" | "warn"> | undefined;
  readonly onWritten: () => void;
  readonly onFailure: (error: unknown) => void;
}

const RELEASE_MS = 5_000;

/** Keeps the newest record of this member announced, for as long as the identity is ours. */
export class Announcement {
  readonly #options: AnnouncementOptions;
  readonly #renewal: Renewal;
  #record: MemberRecord | undefined;
  #lost = false;
  #waitedFor = "";

  constructor(options: AnnouncementOptions) {
    this.#options = options;
    this.#renewal = new Renewal({ ...options, write: (signal) => this.#write(signal) });
  }

  announce(record: MemberRecord): void {
    this.#record = record;
    if (!this.#lost) this.#renewal.changed();
  }

  async release(gone: boolean): Promise<void> {
    await this.#renewal.stop();
    if (this.#record === undefined || this.#lost) return;
    await this.#options.place
      .release(gone, AbortSignal.timeout(RELEASE_MS))
      .catch((error: unknown) =>
        this.#options.log?.warn(
          "the identity was not released: a successor waits until it expires",
          {
            error: messageOf(error),
          },
        ),
      );
  }

  async #write(signal: AbortSignal): Promise<boolean> {
    const { place, observer, log, onWritten, onFailure } = this.#options;
    const record = this.#record;
    if (record === undefined || this.#lost) return true;
    try {
      const { outcome, holder } = await place.write(record, signal);
      onWritten();
      if (outcome === "taken" && this.#waitedFor !== holder) {
        this.#waitedFor = holder;
        log?.warn("another instance has our identity: waiting until it is gone", { holder });
      }
      if (outcome === "lost") {
        this.#lost = true;
        observer.onIdentityLost?.(holder);
      }
      return true;
    } catch (error) {
      if (!signal.aborted) onFailure(error);
      return false;
    }
  }
}
