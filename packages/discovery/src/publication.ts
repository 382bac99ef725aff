import { createHash } from "node:crypto";
import type { Job } from "./configuration.ts";
import type { DiscoveryState, JobState } from "./discovery.ts";
import { exchangeGroups, type ExchangeGroup } from "./exchange.ts";
import { hashmod } from "./relabel.ts";
import type { TargetGroup } from "./target-group.ts";

/** Shard `index` of `total`, by the hash of each target's address. */
export interface TargetShard {
  readonly index: number;
  readonly total: number;
}

/** What is said about one job's targets. */
export type TargetList =
  | { readonly kind: "unknown" }
  /** Nothing may be said yet: an empty list would end all targets. */
  | { readonly kind: "unavailable"; readonly reason: string }
  | {
      readonly kind: "list";
      /** Follows from what the body says, without making it. */
      readonly etag: string;
      /** Puts the JSON together; it is as large as all labels of all targets. */
      readonly body: () => string;
    };

interface Fragment {
  readonly groups: readonly ExchangeGroup[];
  readonly text: string;
  readonly hash: Buffer;
}

/**
 * The last published state as JSON for http_sd and file_sd. What one group turns into is kept as long as the group: a change of
 * one object costs one group's text and putting the texts together, once for however many readers.
 */
export class Publication {
  readonly #relabeled: boolean;
  readonly #fragments = new WeakMap<Job, WeakMap<TargetGroup, Fragment>>();
  #state: DiscoveryState = new Map();
  #lists = new Map<string, TargetList>();

  constructor({ relabeled }: { relabeled: boolean }) {
    this.#relabeled = relabeled;
  }

  get state(): DiscoveryState {
    return this.#state;
  }

  update(state: DiscoveryState): void {
    const before = this.#state;
    this.#state = state;
    const same = ({ job, groups }: JobState): boolean => {
      const old = before.get(job.name);
      // Groups are exchanged only for different ones.
      return (
        old?.job === job &&
        old.complete &&
        old.groups.length === groups.length &&
        old.groups.every((group, index) => group === groups[index])
      );
    };
    const unchanged = new Set([...state.values()].filter(same).map(({ job }) => job.name));
    for (const key of this.#lists.keys()) if (!unchanged.has(nameIn(key))) this.#lists.delete(key);
  }

  list(name: string, shard?: TargetShard): TargetList {
    const jobState = this.#state.get(name);
    if (jobState === undefined) return { kind: "unknown" };
    if (!jobState.complete) return { kind: "unavailable", reason: reasonOf(jobState) };
    const key = `${shard?.index ?? ""}/${shard?.total ?? ""} ${name}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      // Readers choose the numbers: what they may keep in memory is bounded.
      if (this.#lists.size >= 1_000) this.#lists.clear();
      list = this.#encode(jobState, shard);
      this.#lists.set(key, list);
    }
    return list;
  }

  #encode({ job, groups }: JobState, shard: TargetShard | undefined): TargetList {
    const fragments = groups.map((group) => this.#fragment(job, group));
    const hash = createHash("sha1").update(`${shard?.index}/${shard?.total}`);
    for (const fragment of fragments) hash.update(fragment.hash);
    return {
      kind: "list",
      etag: `W/"${hash.digest("base64url")}"`,
      body: () => {
        const texts = fragments.map((fragment) =>
          shard === undefined ? fragment.text : textOf(inShard(fragment.groups, shard)),
        );
        const filled = texts.filter((text) => text !== "");
        return filled.length === 0 ? "[]\n" : `[\n${filled.join(",\n")}\n]\n`;
      },
    };
  }

  #fragment(job: Job, group: TargetGroup): Fragment {
    let ofJob = this.#fragments.get(job);
    if (ofJob === undefined) this.#fragments.set(job, (ofJob = new WeakMap()));
    let fragment = ofJob.get(group);
    if (fragment === undefined) {
      const groups = exchangeGroups(group, job, { relabeled: this.#relabeled });
      const text = textOf(groups);
      fragment = { groups, text, hash: createHash("sha1").update(text).digest() };
      ofJob.set(group, fragment);
    }
    return fragment;
  }
}

function textOf(groups: readonly ExchangeGroup[]): string {
  return groups.map((group) => JSON.stringify(group)).join(",\n");
}

function inShard(groups: readonly ExchangeGroup[], { index, total }: TargetShard): ExchangeGroup[] {
  return groups.flatMap(({ targets, labels }) => {
    const own = targets.filter((target) => hashmod(target, BigInt(total)) === BigInt(index));
    return own.length === 0 ? [] : [{ targets: own, labels }];
  });
}

function nameIn(key: string): string {
  return key.slice(key.indexOf(" ") + 1);
}

function reasonOf({ problems }: JobState): string {
  return problems.length > 0 ? problems.join("; ") : "the first targets are being put together";
}
