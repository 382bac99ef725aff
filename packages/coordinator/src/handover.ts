import {
  decideEpoch,
  epochsToAsk,
  type Layout,
  type LayoutState,
  type SwitchDecision,
  type SwitchInput,
} from "@kube-state-mosaic/sharding";
import type { Manifest } from "@kube-state-mosaic/store";

/**
 * From which epoch answers are made, and when that changes (rule C1 of docs/design/completeness.md). What has been answered
 * never goes back; an epoch that was decided upon and refused, since a shard was missing, is decided upon anew.
 */
export class Handover {
  #serving: Layout | undefined;
  /** What was served before that. */
  #earlier: Layout | undefined;
  readonly #layouts = new Map<number, Layout>();
  #answered: SwitchInput["answered"] = new Map();

  /** The epoch of the last answer. */
  get serving(): number | undefined {
    return this.#serving?.epoch;
  }

  /** A layout that is or was in force. */
  layout(epoch: number): Layout | undefined {
    return this.#layouts.get(epoch);
  }

  /**
   * Which rows of its last answer for an earlier epoch may stand for a shard that has none for this one: those of all its slots, one byte
   * each, if it had all of them already. Undefined if it gained any, or nothing is known of it.
   */
  standIn(
    ordinal: string,
    epoch: number,
  ): { readonly epoch: number; readonly slots: Uint8Array } | undefined {
    const layout = this.#layouts.get(epoch);
    const before = [this.#serving, this.#earlier].find((one) => one?.epoch !== epoch);
    if (layout === undefined || before === undefined) return undefined;
    const index = layout.members.indexOf(ordinal);
    const slots = Uint8Array.from(layout.slots, (owner) => Number(owner === index));
    const had = before.members.indexOf(ordinal);
    const kept = slots.every((own, slot) => own === 0 || before.slots[slot] === had);
    return index >= 0 && had >= 0 && kept ? { epoch: before.epoch, slots } : undefined;
  }

  /** The epochs to ask for. */
  asks(state: LayoutState): number[] {
    this.#layouts.set(state.active.epoch, state.active);
    const asks = epochsToAsk(this.#serving, state);
    for (const epoch of this.#layouts.keys())
      if (!asks.includes(epoch)) this.#layouts.delete(epoch);
    return asks;
  }

  /**
   * `next`: by ordinal, the newest manifests for the epoch that is to be served, those of dead shards among them. `wall`: Unix
   * milliseconds.
   */
  decide(state: LayoutState, next: ReadonlyMap<string, Manifest>, wall: number): SwitchDecision {
    const shards: SwitchInput["shards"] = new Map(
      [...next].map(([ordinal, { identity, reflectors }]) => [
        ordinal,
        {
          epochs: [identity.epoch],
          // Of gained slots a list of their own may be newer than the stream: the lower of the two is safe.
          covered: new Map(reflectors.map(({ name, version }) => [name, String(version)])),
        },
      ]),
    );
    return decideEpoch({
      serving: this.#serving,
      state,
      answered: this.#answered,
      shards,
      wall,
    });
  }

  /** An answer was made, of this epoch and these manifests, by ordinal. Before that, an epoch has never been shown. */
  answered(epoch: number, manifests: ReadonlyMap<string, Manifest>): void {
    const served = this.#layouts.get(epoch) ?? this.#serving;
    if (served !== this.#serving) this.#earlier = this.#serving;
    this.#serving = served;
    this.#answered = new Map(
      [...manifests].map(([ordinal, { reflectors }]) => [
        ordinal,
        new Map(
          reflectors.map(({ name, version, listing, shown }) => [
            name,
            {
              // While a list is read its rows are shown already, and the version is still that of before.
              reached: listing ? undefined : String(version),
              ...(shown && {
                shown: new Map(
                  Object.entries(shown).map(([gainer, high]) => [gainer, String(high)]),
                ),
              }),
            },
          ]),
        ),
      ]),
    );
  }
}
