import type { ExposedResource } from "./exposed-resource.ts";

/** A resource that is being loaded beside what is served. */
interface Coming {
  readonly exposed: ExposedResource;
  /** Names of what is served in its place until it is complete, without its own. */
  readonly instead: readonly string[];
  /** Milliseconds, monotonic. */
  readonly since: number;
}

/**
 * How long a refusal (403 or 404) keeps what is served in place: a version that a definition has just got is served a moment later. Then the
 * old one is shown no longer, for it is not kept up to date.
 */
const refusalMs = 30_000;

/** The resources that will be exposed once they are complete. */
export class ComingResources {
  readonly #coming = new Map<string, Coming>();

  get resources(): readonly ExposedResource[] {
    return [...this.#coming.values()].map(({ exposed }) => exposed);
  }

  /** Names of what is served only until something of another name has come. */
  get replaced(): ReadonlySet<string> {
    return new Set([...this.#coming.values()].flatMap(({ instead }) => instead));
  }

  /** What was coming under its name or instead of which it comes is no longer, and it comes instead of what that came for. */
  add(exposed: ExposedResource, instead: readonly string[]): void {
    const { name } = exposed;
    const places = [name, ...instead].flatMap((other) => [other, ...this.take(other)]);
    const others = [...new Set(places)].filter((other) => other !== name);
    exposed.isComing = true;
    this.#coming.set(name, { exposed, instead: others, since: performance.now() });
  }

  /** Gives one up, if it is coming; answers what it would have come instead of. */
  take(name: string): readonly string[] {
    const coming = this.#coming.get(name);
    this.#coming.delete(name);
    void coming?.exposed.stop();
    return coming?.instead ?? [];
  }

  /** Takes out what is complete, or refused while nothing is `served` in its place, or refused for long. */
  arrived(served: (name: string) => boolean): Coming[] {
    const now = performance.now();
    const arrived = [...this.#coming.values()].filter(({ exposed, instead, since }) => {
      if (exposed.complete) return true;
      if (exposed.waiting.length > 0) return false;
      return ![exposed.name, ...instead].some(served) || now - since > refusalMs;
    });
    for (const { exposed } of arrived) {
      this.#coming.delete(exposed.name);
      exposed.isComing = false;
    }
    return arrived;
  }
}
