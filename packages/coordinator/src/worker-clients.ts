import type { Layout } from "@kube-state-mosaic/sharding";
import type { Manifest } from "@kube-state-mosaic/store";
import type { ClockReading } from "./clock-skew.ts";
import type { CoordinatorClock } from "./coordinator.ts";
import { mismatch, type Fetched } from "./cycle.ts";
import type { ResourceOf } from "./text-shard.ts";
import type { WorkerAccess } from "./worker-access.ts";
import { WorkerClient, type FetchResult, type Received } from "./worker-client.ts";
import type { KnownWorker } from "./worker-source.ts";

interface WorkerClientsOptions {
  readonly access: WorkerAccess;
  readonly clock: CoordinatorClock;
  readonly onClock: (ordinal: string, reading: ClockReading) => void;
  readonly resourceOf: ResourceOf;
}

/** A client for each worker, by ordinal, and what they answered last. */
export class WorkerClients {
  readonly #options: WorkerClientsOptions;
  readonly #clients = new Map<string, WorkerClient>();
  #bytesOfGone = 0;

  constructor(options: WorkerClientsOptions) {
    this.#options = options;
  }

  /** Bytes received from all workers so far. */
  get bytesReceived(): number {
    let bytes = this.#bytesOfGone;
    for (const client of this.#clients.values()) bytes += client.bytesReceived;
    return bytes;
  }

  /** The newest answer of a worker for an epoch. */
  last(ordinal: string, epoch: number | undefined): Received | undefined {
    return this.#clients.get(ordinal)?.last(epoch);
  }

  /** Asks workers of a list, who say themselves which shards they are. The order stays. */
  async askListed(workers: readonly KnownWorker[], timeoutMs: number): Promise<Fetched[]> {
    const clients = workers.map((worker) => this.#client(worker, workers.length));
    let results = await Promise.all(clients.map((client) => client.fetch(undefined, timeoutMs)));
    const manifests = results.flatMap((result) => manifestOf(result) ?? []);
    const epochs = new Set(manifests.map(({ identity }) => identity.epoch));
    // A change of the layout reaches them one after the other: all of them can answer one of the epochs by its name.
    const common = [...epochs].filter((epoch) =>
      manifests.every((one) => one.epochs.includes(epoch)),
    );
    if (epochs.size > 1 && common.length > 0) {
      const epoch = Math.max(...common);
      results = await Promise.all(
        results.map(async (result, index) =>
          manifestOf(result)?.identity.epoch === epoch
            ? result
            : ((await clients[index]?.fetch(epoch, timeoutMs)) ?? result),
        ),
      );
    }
    return workers.map((worker, index): Fetched => {
      const result = results[index] ?? { failure: "was not asked", epochs: [] };
      const received = "received" in result ? result.received : undefined;
      return {
        ...worker,
        index: received?.answer.manifest.identity.shard ?? -1,
        received,
        failure: "failure" in result ? result.failure : undefined,
      };
    });
  }

  /** Asks all members of a layout for its epoch. */
  askMembers(
    layout: Layout,
    known: ReadonlyMap<string, KnownWorker>,
    timeoutMs: number,
  ): Promise<Fetched[]> {
    const total = layout.members.length;
    return Promise.all(
      layout.members.map(async (ordinal, index): Promise<Fetched> => {
        const worker = known.get(ordinal);
        const { url = "", record } = worker ?? {};
        const base = { ordinal, index, url, record, received: undefined };
        if (worker === undefined || url === "") return { ...base, failure: "is not registered" };
        const result = await this.#client(worker, total).fetch(layout.epoch, timeoutMs, (answer) =>
          mismatch(answer, { layout, index, record }),
        );
        return "failure" in result
          ? { ...base, failure: result.failure }
          : { ...base, received: result.received, failure: undefined };
      }),
    );
  }

  /** Forgets workers that are no members, and answers for other epochs. */
  keep(epochs: readonly number[], members: ReadonlySet<string>): void {
    for (const [ordinal, client] of this.#clients) {
      client.keep([...epochs, undefined]);
      if (members.has(ordinal)) continue;
      this.#clients.delete(ordinal);
      this.#bytesOfGone += client.bytesReceived;
      void client.close();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #client(worker: Pick<KnownWorker, "ordinal" | "url">, totalShards: number): WorkerClient {
    let client = this.#clients.get(worker.ordinal);
    if (client === undefined) {
      const { access, clock, onClock, resourceOf } = this.#options;
      client = new WorkerClient(worker.url, {
        access,
        now: () => clock.now(),
        wall: () => clock.wall(),
        onClock: (reading) => onClock(worker.ordinal, reading),
        resourceOf,
        fallback: { shard: Number(worker.ordinal), totalShards },
      });
      this.#clients.set(worker.ordinal, client);
    }
    client.moveTo(worker.url);
    return client;
  }
}

function manifestOf(result: FetchResult): Manifest | undefined {
  return "received" in result ? result.received.answer.manifest : undefined;
}
