import { type ControlPlaneClient, watchObjects } from "@kube-state-mosaic/control-plane";

interface Pod {
  readonly metadata: { readonly uid: string };
}

/** When the API server had which pod: all pods of the cluster, by a watch. */
export class PodHistory implements AsyncDisposable {
  /** By UID, in Unix seconds. */
  readonly #lives = new Map<string, { readonly from: number; to: number }>();
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;

  constructor(client: ControlPlaneClient) {
    this.#watching = this.#watch(client);
  }

  /** Pods at a moment. */
  at(seconds: number): number {
    return [...this.#lives.values()].filter(({ from, to }) => from <= seconds && seconds < to)
      .length;
  }

  /** Pods that came or went in `(from, to]`. */
  changes(from: number, to: number): number {
    const isWithin = (at: number): boolean => from < at && at <= to;
    return [...this.#lives.values()].reduce(
      (sum, life) => sum + Number(isWithin(life.from)) + Number(isWithin(life.to)),
      0,
    );
  }

  /** UIDs of the pods that were there from the beginning to the end of a time. */
  throughout(from: number, to: number): readonly string[] {
    return [...this.#lives]
      .filter(([, life]) => life.from <= from && to < life.to)
      .map(([uid]) => uid);
  }

  /** When a pod came and went, for people: seconds after the moment. */
  describe(uid: string, moment: number): string {
    const life = this.#lives.get(uid);
    if (life === undefined) return `${uid}, which was never there`;
    return `${uid} (from ${(life.from - moment).toFixed(1)} to ${(life.to - moment).toFixed(1)})`;
  }

  /** Whether a pod was there at any moment of a time. */
  wasThere(uid: string, from: number, to: number): boolean {
    const life = this.#lives.get(uid);
    return life !== undefined && life.from <= to && from < life.to;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(client: ControlPlaneClient): Promise<void> {
    const changes = watchObjects<Pod>(client, "/api/v1/pods", this.#stopping.signal);
    for await (const { type, object } of changes) {
      const { uid } = object.metadata;
      const now = Date.now() / 1_000;
      const life = this.#lives.get(uid);
      if (type === "DELETED") {
        if (life !== undefined) life.to = now;
      } else if (life === undefined) this.#lives.set(uid, { from: now, to: Infinity });
    }
  }
}
