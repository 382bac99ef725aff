import {
  live,
  populate,
  startFakeKubernetes,
  type FakeKubernetes,
} from "@kube-state-mosaic/fake-kubernetes";
import {
  firstLayout,
  nextLayout,
  type Layout,
  type LayoutState,
} from "@kube-state-mosaic/sharding";
import { expect, test } from "vitest";
import { LayoutViews, Share, type Worker } from "../src/index.ts";
import { startWorker, until, type Fixture } from "./fixture.ts";

const source = { uid: "set", generation: 1, start: 0, replicas: 1 };

function members(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}

function active(layout: Layout, activateAt: number): LayoutState {
  return {
    v: 1,
    floor: layout.epoch,
    source,
    active: { ...layout, activateAt },
    pending: undefined,
    previous: undefined,
  };
}

function withPending(state: LayoutState, layout: Layout): LayoutState {
  return { ...state, floor: layout.epoch, pending: { ...layout, createdAt: 0 } };
}

/** Workers of one cluster under a clock of the test's own; layouts are given to all of them by hand. */
class Cluster implements AsyncDisposable {
  wall = 1_000_000;
  readonly server: FakeKubernetes;
  readonly workers: { readonly fixture: Fixture; readonly views: LayoutViews }[] = [];
  state: LayoutState;
  unsupported: "fault" | "expected" = "fault";

  constructor(server: FakeKubernetes, first: Layout) {
    this.server = server;
    this.state = active(first, this.wall);
  }

  async start(ordinal: string): Promise<void> {
    const share = new Share(ordinal);
    let worker: Worker | undefined;
    const views = new LayoutViews({
      ordinal,
      share,
      clock: { now: () => this.wall, wall: () => this.wall },
      exposed: () => worker?.exposed ?? [],
      running: () => worker?.running ?? false,
      onUnknownEpoch: () => undefined,
      onUnsupported: (layout) => {
        if (this.unsupported === "fault") throw new Error(`unsupported ${layout.hash}`);
      },
    });
    const fixture = await startWorker({ placement: share, views }, this.server, async (made) => {
      worker = made;
      views.adopt(this.state);
      await views.settled();
    });
    this.workers.push({ fixture, views });
  }

  adopt(state: LayoutState): void {
    this.state = state;
    for (const { views } of this.workers) views.adopt(state);
  }

  async synced(epoch: number): Promise<void> {
    await until(() => {
      for (const { views } of this.workers) views.tick();
      return this.workers.every(({ views }) => views.epochs.includes(epoch));
    });
  }

  async settled(): Promise<void> {
    for (const { views } of this.workers) {
      views.tick();
      await views.settled();
    }
  }

  /** How often each pod is shown by all workers together. */
  async shown(query: string): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const { fixture } of this.workers) {
      const text = await fixture.scrape(`/metrics${query}`);
      for (const [, uid = ""] of text.matchAll(/^kube_pod_info\{[^}]*uid="([^"]*)"/gm))
        counts.set(uid, (counts.get(uid) ?? 0) + 1);
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { fixture } of this.workers) await fixture[Symbol.asyncDispose]();
    await this.server.close();
  }
}

async function clusterOf(pods: number, first: Layout): Promise<Cluster> {
  const server = await startFakeKubernetes();
  populate(server, { pods, seed: 3 });
  const cluster = new Cluster(server, first);
  for (const ordinal of first.members) await cluster.start(ordinal);
  await cluster.synced(first.epoch);
  return cluster;
}

function eachOnce(cluster: Cluster): Map<string, number> {
  return new Map(cluster.server.names("pods").map(({ uid }) => [uid, 1]));
}

test("through 1 → 3 → 5 → 2 every pod is shown exactly once in every epoch that is answered", async () => {
  await using cluster = await clusterOf(400, firstLayout(1, members(1), "fnv1a64"));
  const wanted = eachOnce(cluster);
  expect(await cluster.shown("")).toEqual(wanted);
  let epoch = 1;
  for (const count of [3, 5, 2]) {
    const layout = nextLayout(cluster.state.active, ++epoch, members(count));
    cluster.adopt(withPending(cluster.state, layout));
    for (const ordinal of layout.members.slice(cluster.workers.length))
      await cluster.start(ordinal);
    await cluster.synced(epoch);
    expect(await cluster.shown("")).toEqual(wanted);
    expect(await cluster.shown(`?epoch=${epoch}`)).toEqual(wanted);

    cluster.adopt(active(layout, cluster.wall + 5_000));
    expect(await cluster.shown("")).toEqual(wanted);
    cluster.wall += 5_000;
    expect(await cluster.shown("")).toEqual(wanted);
    expect(await cluster.shown(`?epoch=${epoch - 1}`)).toEqual(wanted);

    cluster.wall += 30_000;
    await cluster.settled();
    expect(await cluster.shown("")).toEqual(wanted);
    for (const { fixture } of cluster.workers)
      expect((await fixture.app.request(`/metrics?epoch=${epoch - 1}`)).status).toBe(409);
  }
});

test("under churn, what is alive throughout is shown once in each epoch, and at the end all is right", async () => {
  await using cluster = await clusterOf(300, firstLayout(1, members(2), "fnv1a64"));
  const stop = new AbortController();
  const churn = live(cluster.server, { changesPerSecond: 100, seed: 5, signal: stop.signal });
  let epoch = 1;
  for (const count of [3, 2]) {
    const before = new Set(cluster.server.names("pods").map(({ uid }) => uid));
    // Events may rest for 200 ms: an object counts from when it has been shown.
    await until(async () => {
      const shown = await cluster.shown("");
      const alive = cluster.server.names("pods").filter(({ uid }) => before.has(uid));
      return alive.every(({ uid }) => shown.get(uid) === 1);
    });
    const layout = nextLayout(cluster.state.active, ++epoch, members(count));
    cluster.adopt(withPending(cluster.state, layout));
    for (const ordinal of layout.members.slice(cluster.workers.length))
      await cluster.start(ordinal);
    await cluster.synced(epoch);
    const rounds = [
      await cluster.shown(`?epoch=${epoch - 1}`),
      await cluster.shown(`?epoch=${epoch}`),
    ];
    const alive = cluster.server.names("pods").filter(({ uid }) => before.has(uid));
    expect(alive.length).toBeGreaterThan(10);
    for (const shown of rounds) expect(alive.filter(({ uid }) => shown.get(uid) !== 1)).toEqual([]);
    cluster.adopt(active(layout, cluster.wall));
    cluster.wall += 30_000;
    await cluster.settled();
  }
  stop.abort();
  await churn;
  await until(async () => {
    const shown = await cluster.shown("");
    const wanted = eachOnce(cluster);
    return shown.size === wanted.size && [...wanted.keys()].every((uid) => shown.get(uid) === 1);
  });
});

test("a list for a new share that breaks is made again, and readiness waits for it", async () => {
  await using cluster = await clusterOf(200, firstLayout(1, members(2), "fnv1a64"));
  const wanted = eachOnce(cluster);
  let broken = 0;
  cluster.server.faults.on(
    {
      path: "/api/v1/pods",
      verb: "list",
      when: () => ++broken > 0,
    },
    { kind: "cut", afterBytes: 20_000, how: "reset" },
  );
  const layout = nextLayout(cluster.state.active, 2, members(1));
  cluster.adopt(withPending(cluster.state, layout));
  for (const { views } of cluster.workers.slice(0, 1)) expect(views.epochs).toEqual([1]);
  await cluster.synced(2);
  expect(broken).toBeGreaterThan(0);
  expect(await cluster.shown("?epoch=2")).toEqual(wanted);
});

test("a change that is given up leaves the rows as they were", async () => {
  await using cluster = await clusterOf(200, firstLayout(1, members(2), "fnv1a64"));
  const rows = () =>
    cluster.workers.map(({ fixture }) => fixture.worker.exposed[0]!.streams[0]!.store.sizes().rows);
  const before = rows();
  const layout = nextLayout(cluster.state.active, 2, members(1));
  cluster.adopt(withPending(cluster.state, layout));
  await cluster.synced(2);
  expect(rows()).not.toEqual(before);
  cluster.adopt({ ...cluster.state, pending: undefined });
  await cluster.settled();
  expect(rows()).toEqual(before);
  expect(await cluster.shown("")).toEqual(eachOnce(cluster));
});

/** Everything that is asked about pods waits from now on, until the function that is returned is called. */
function hold({ server }: Cluster): () => void {
  const held = Promise.withResolvers<void>();
  const fault = { kind: "hold", until: held.promise } as const;
  server.faults.on({ path: "/api/v1/pods", times: Infinity }, fault);
  return held.resolve;
}

test("a newcomer is ready when its share is complete, though the layout is pending", async () => {
  await using cluster = await clusterOf(100, firstLayout(1, members(1), "fnv1a64"));
  const release = hold(cluster);
  cluster.adopt(withPending(cluster.state, nextLayout(cluster.state.active, 2, members(2))));
  await cluster.start("1");
  const [, { fixture }] = cluster.workers as [unknown, (typeof cluster.workers)[number]];
  expect(fixture.worker.readiness()).toEqual({ ready: false, waiting: ["pods"] });
  release();
  await until(() => fixture.worker.readiness().ready);
  expect(cluster.state.pending?.epoch).toBe(2);
  expect((await fixture.app.request("/metrics?epoch=2")).status).toBe(200);
});

test("a member that gains slots is not ready until it has them, and serves all the while", async () => {
  await using cluster = await clusterOf(100, firstLayout(1, members(2), "fnv1a64"));
  const wanted = eachOnce(cluster);
  const [gainer, loser] = cluster.workers.map(({ fixture }) => fixture.worker);
  const release = hold(cluster);
  const layout = nextLayout(cluster.state.active, 2, members(1));
  cluster.adopt(withPending(cluster.state, layout));
  await cluster.settled();
  expect(gainer!.readiness()).toEqual({ ready: false, waiting: ["pods"] });
  expect(loser!.readiness().ready).toBe(true);
  expect(await cluster.shown("")).toEqual(wanted);
  release();
  await until(() => gainer!.readiness().ready);
});

test("a worker that no layout names is ready, whatever it has loaded, and says nothing", async () => {
  await using cluster = await clusterOf(100, firstLayout(1, members(1), "fnv1a64"));
  const release = hold(cluster);
  await cluster.start("7");
  const { fixture } = cluster.workers[1]!;
  expect(fixture.worker.readiness()).toEqual({ ready: true, waiting: [] });
  expect(await fixture.scrape()).not.toContain("kube_pod_info{");
  release();
});

test("a member stays ready while the API server is away: what it has is the best there is", async () => {
  await using cluster = await clusterOf(100, firstLayout(1, members(1), "fnv1a64"));
  const { worker } = cluster.workers[0]!.fixture;
  await cluster.server.stopListening();
  const streams = worker.exposed.flatMap((exposed) => exposed.streams);
  await until(() => streams.every(({ state }) => state.failingSince !== undefined));
  cluster.wall += 3_600_000;
  expect(worker.readiness().ready).toBe(true);
});

test("a layout whose hash is not known never makes a worker ready, and it says so", async () => {
  await using cluster = await clusterOf(10, firstLayout(1, members(1), "fnv1a64"));
  const layout = { ...nextLayout(cluster.state.active, 2, members(2)), hash: "md5" };
  cluster.unsupported = "expected";
  cluster.adopt(withPending(cluster.state, layout));
  const { worker } = cluster.workers[0]!.fixture;
  expect(worker.readiness()).toEqual({ ready: false, waiting: ["hash md5"] });
});
