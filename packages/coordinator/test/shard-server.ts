import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";
import {
  blocksMediaType,
  BlockEncoder,
  MetricsStore,
  type BlockState,
  type ReflectorReport,
  type ShardIdentity,
} from "@kube-state-mosaic/store";

/** A worker as the coordinator sees it: a server of blocks, with texts the test chooses. */
export class ShardServer implements AsyncDisposable {
  readonly url: string;
  /** Query strings of the requests so far. */
  readonly requests: string[] = [];
  /** Bytes of the answers' bodies so far. */
  bytesSent = 0;
  identity: ShardIdentity;
  incarnation = "one";
  /** Set to answer with something else. */
  failure: { readonly status: number; readonly body: string } | undefined;
  digest = "";
  reports: ReflectorReport[] = [];
  counters: BlockState["manifest"]["counters"] = [];
  /** The media type it can send; anything else makes it answer as text only. */
  speaks: string = blocksMediaType;
  /** OpenMetrics for `/metrics`. */
  text = "# EOF\n";
  /** What it says its time is; undefined: nothing, as in releases before that. */
  time: string | undefined;
  /** Answers wait for it. */
  held: Promise<void> | undefined;
  /** Other epochs it can answer. */
  readonly views: Map<number, ShardView> = new Map();
  store: MetricsStore = podStore([]);
  readonly #server: Server;
  readonly #encoder = new BlockEncoder();

  static async start(identity: Partial<ShardIdentity>): Promise<ShardServer> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ShardServer(server, {
      shard: 0,
      totalShards: 1,
      hash: "jump",
      epoch: 0,
      ...identity,
    });
  }

  private constructor(server: Server, identity: ShardIdentity) {
    this.identity = identity;
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("request", (request, response) => {
      this.requests.push(request.url ?? "");
      if (this.failure !== undefined) {
        response.writeHead(this.failure.status).end(this.failure.body);
        return;
      }
      void this.#answer(new URL(request.url ?? "", "http://x"), response);
    });
  }

  /** The pods of this shard: two families, a sample each for every pod. */
  set(pods: readonly TestPod[]): void {
    this.store = podStore(pods);
  }

  async #answer({ pathname, searchParams }: URL, response: ServerResponse): Promise<void> {
    await this.held;
    if (pathname === "/metrics") {
      response.writeHead(200, { "Content-Type": "application/openmetrics-text" }).end(this.text);
      return;
    }
    if (this.speaks !== blocksMediaType) {
      response.writeHead(406).end();
      return;
    }
    const asked = searchParams.get("epoch") ?? String(this.identity.epoch);
    const view =
      this.views.get(Number(asked)) ?? (asked === String(this.identity.epoch) ? this : undefined);
    if (view === undefined) {
      response.writeHead(409).end(`epoch ${asked} cannot be answered`);
      return;
    }
    const body: Buffer[] = [];
    for await (const chunk of this.#encoder.encode(
      this.#state(view),
      searchParams.get("since") ?? undefined,
    ))
      body.push(chunk);
    const bytes = Buffer.concat(body);
    this.bytesSent += bytes.length;
    response
      .writeHead(200, {
        "Content-Type": blocksMediaType,
        ...(this.time !== undefined && { "X-Mosaic-Time": this.time }),
      })
      .end(bytes);
  }

  #state({ identity, store }: ShardView): BlockState {
    const headers = ["kube_pod_info", "kube_pod_created"].map((name) => ({
      name,
      help: "Help.",
      type: "gauge" as const,
    }));
    const { incarnation, digest, reports } = this;
    const { rows, families } = store.snapshot();
    return {
      manifest: {
        identity,
        incarnation,
        digest,
        epochs: [identity.epoch, ...this.views.keys()],
        resources: [{ name: "pods", rows, families: headers }],
        counters: this.counters,
      },
      families,
      directories: [store.directories()],
      reflectors: reports.map((report) => ({
        name: report.name,
        position: [0, 0],
        report: () => report,
      })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What it answers for one epoch. */
export interface ShardView {
  readonly identity: ShardIdentity;
  readonly store: MetricsStore;
}

/** A pod; a text is its name. */
export type TestPod =
  | string
  | {
      readonly name: string;
      readonly uid: string;
      readonly version: number;
      readonly hashSlot: number;
    };

/** Two families, a sample each for every pod. */
export function podStore(pods: readonly TestPod[]): MetricsStore {
  const store = new MetricsStore(2);
  for (const pod of pods) {
    const name = typeof pod === "string" ? pod : pod.name;
    const row = { uid: `uid of ${name}`, version: 1, hashSlot: crc32(name) % 1_024 };
    const { uid, version, hashSlot } = typeof pod === "string" ? row : pod;
    const texts = ["kube_pod_info", "kube_pod_created"].map(
      (family) => `${family}{pod="${name}"} 1\n`,
    );
    const resourceVersion = String(version);
    store.set({ uid, namespace: "default", name, resourceVersion, texts, departure: 0, hashSlot });
  }
  return store;
}
