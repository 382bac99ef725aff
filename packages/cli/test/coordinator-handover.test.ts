import { Coordinator, coordinatorApp } from "@kube-state-mosaic/coordinator";
import {
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
import { createLogger } from "@kube-state-mosaic/telemetry";
import { LayoutViews, Share, type Worker } from "@kube-state-mosaic/worker";
import { expect, test } from "vitest";
import { startShard, until, type RunningWorker } from "./shards.ts";

const membersOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => String(index));
const quiet = createLogger({
  format: "text",
  level: "error",
  destination: { write: () => undefined },
});

/** Workers that obey layouts given by hand, and a coordinator that knows the same layouts, under one clock. */
class Scene implements AsyncDisposable {
  wall = 1_000_000;
  readonly server: FakeKubernetes;
  readonly workers: { readonly running: RunningWorker; readonly views: LayoutViews }[] = [];
  readonly coordinator: Coordinator;
  readonly #app: ReturnType<typeof coordinatorApp>;
  state: LayoutState;

  constructor(server: FakeKubernetes, first: Layout) {
    this.server = server;
    this.state = {
      v: 1,
      floor: first.epoch,
      source: { uid: "set", generation: 1, start: 0, replicas: 1 },
      active: { ...first, activateAt: this.wall },
      pending: undefined,
      previous: undefined,
    };
    this.coordinator = new Coordinator(
      {
        onMissingShard: "stale",
        clock: { now: () => this.wall, wall: () => this.wall },
        source: {
          watch: () => undefined,
          current: () => ({
            layout: this.state,
            problem: undefined,
            workers: this.workers.map(({ running }, index) => ({
              ordinal: String(index),
              url: running.url,
              record: undefined,
            })),
          }),
        },
      },
      quiet,
    );
    this.#app = coordinatorApp({
      coordinator: this.coordinator,
      page: { title: "", version: "" },
      gzip: true,
    });
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
        throw new Error(`unsupported ${layout.hash}`);
      },
    });
    const running = await startShard(this.server, {
      shard: Number(ordinal),
      count: Number(ordinal) + 1,
      settings: { placement: share, views },
      beforeRun: async (made) => {
        worker = made;
        views.adopt(this.state);
        await views.settled();
      },
    });
    this.workers.push({ running, views });
  }

  adopt(state: LayoutState): void {
    this.state = state;
    for (const { views } of this.workers) views.adopt(state);
  }

  tick(): void {
    for (const { views } of this.workers) views.tick();
  }

  /** UIDs of the pods in a new answer, each as often as it is there. */
  async scrape(): Promise<{
    readonly uids: string[];
    readonly epoch: string | null;
    readonly complete: boolean;
  }> {
    this.wall += 1_100;
    const response = await this.#app.request("/metrics");
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
    return {
      uids: [...text.matchAll(/^kube_pod_info\{[^}]*uid="([^"]*)"/gm)].map(([, uid = ""]) => uid),
      epoch: response.headers.get("x-mosaic-epoch"),
      complete: text.includes('kube_state_mosaic_complete{resource="pods",reason=""} 1'),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.coordinator.close();
    for (const { running } of this.workers) await running[Symbol.asyncDispose]();
    await this.server.close();
  }
}

test("through 1 → 3 → 5 → 2 under churn every answer has each living pod once, of one epoch, and proves it", async () => {
  const server = await startFakeKubernetes({ bookmarkIntervalSeconds: 0.2 });
  populate(server, { pods: 200, seed: 3 });
  await using scene = new Scene(server, firstLayout(1, membersOf(1), "fnv1a64"));
  await scene.start("0");
  await until(() => (scene.tick(), scene.workers[0]!.views.epochs.includes(1)));
  const throughout = new Set(
    server
      .names("pods")
      .slice(0, 50)
      .map(({ uid }) => uid),
  );
  const names = new Set(
    server
      .names("pods")
      .slice(0, 50)
      .map(({ name }) => name),
  );
  const churn = new AbortController();
  const churning = churnPods(server, names, churn.signal);
  const faults: string[] = [];
  const epochs = new Set<string>();
  const look = async () => {
    const { uids, epoch, complete } = await scene.scrape();
    epochs.add(epoch ?? "");
    const once = new Set(uids);
    if (once.size !== uids.length)
      faults.push(`epoch ${epoch}: ${uids.length - once.size} doubled`);
    const missing = [...throughout].filter((uid) => !once.has(uid));
    if (missing.length > 0) faults.push(`epoch ${epoch}: ${missing.length} missing`);
    return { epoch, complete };
  };
  let epoch = 1;
  for (const count of [3, 5, 2]) {
    const { active } = scene.state;
    const layout = nextLayout(active, ++epoch, membersOf(count));
    scene.adopt({ ...scene.state, floor: epoch, pending: { ...layout, createdAt: 0 } });
    for (const ordinal of layout.members.slice(scene.workers.length)) await scene.start(ordinal);
    const isMember = (ordinal: number) => ordinal < count;
    await until(async () => {
      scene.tick();
      await look();
      return scene.workers.every(
        ({ views }, ordinal) => !isMember(ordinal) || views.epochs.includes(epoch),
      );
    });
    scene.adopt({
      ...scene.state,
      active: { ...layout, activateAt: scene.wall + 5_000 },
      pending: undefined,
      previous: { epoch: active.epoch, digest: active.digest },
    });
    const committed = scene.wall;
    await until(async () => (await look()).epoch === String(epoch));
    expect(scene.wall - committed).toBeLessThan(25_000);
    await until(async () => (await look()).complete);
    // The views before end, and their rows go.
    scene.wall += 60_000;
    scene.tick();
    for (const { views } of scene.workers) await views.settled();
    await look();
  }
  churn.abort();
  await churning;
  expect(faults).toEqual([]);
  expect([...epochs]).toEqual(["1", "2", "3", "4"]);
  await until(async () => {
    const { uids, complete } = await scene.scrape();
    return complete && uids.length === server.count("pods");
  });
}, 60_000);

/** Births, changes and deaths of pods, but for those whose names are kept. */
async function churnPods(
  server: FakeKubernetes,
  kept: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 0; !signal.aborted; number++) {
    const metadata = { name: `born-${number}`, namespace: "default" };
    server.create("pods", { metadata, spec: { containers: [{ name: "c", image: "i" }] } });
    const others = server.names("pods").filter(({ name }) => !kept.has(name));
    const victim = others[(number * 31) % others.length];
    if (victim !== undefined && number % 2 === 0) server.delete("pods", victim);
    else if (victim !== undefined)
      server.patch("pods", victim, { metadata: { labels: { n: String(number) } } });
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
}
