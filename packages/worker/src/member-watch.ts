import type { Registry } from "@kube-state-mosaic/registry";
import { noStandby, standBy, type StandbyInput } from "@kube-state-mosaic/sharding";
import type { Logger } from "@kube-state-mosaic/telemetry";

/** Follows the members of the registry while this worker is one of those who plan, as `standBy` says. */
export class MemberWatch {
  readonly #registry: Registry;
  readonly #logger: Logger;
  #standby = noStandby;
  #watch: AbortController | undefined;

  constructor(registry: Registry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
  }

  /** Whether the members are known here. */
  get following(): boolean {
    return this.#watch !== undefined;
  }

  /** Looks whether it is this worker's turn; to be called at least once a second. `rankOf`: of any member. */
  follow(
    input: Omit<StandbyInput, "freshBefore">,
    rankOf: (ordinal: string) => number,
    signal: AbortSignal,
  ): boolean {
    const { rank } = input;
    const members = this.following ? this.#registry.members() : [];
    const before = members.filter(
      ({ ordinal, freshness }) => freshness === "fresh" && rankOf(ordinal) < rank,
    );
    this.#standby = standBy(this.#standby, { ...input, freshBefore: before.length });
    const { followingSince, need } = this.#standby;
    if (followingSince === undefined) {
      this.#watch?.abort();
      this.#watch = undefined;
    } else if (this.#watch === undefined) {
      this.#watch = new AbortController();
      this.#registry.watchMembers(() => undefined, AbortSignal.any([this.#watch.signal, signal]));
      if (need !== "" && rank > 1)
        this.#logger.debug("a change of the layout is overdue: this worker looks who plans", {
          change: need,
          rank,
        });
    }
    return this.following;
  }
}
