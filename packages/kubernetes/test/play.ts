import { ApiClient } from "../src/api-client.ts";
import type { Cluster } from "../src/cluster.ts";
import { Reflector } from "../src/reflector.ts";
import type { ReflectorOptions } from "../src/reflector-options.ts";
import type { ReflectorObserver } from "../src/reflector-observer.ts";
import { ManualClock } from "./manual-clock.ts";
import { RecordingSink } from "./recording-sink.ts";
import { ScriptedServer } from "./scripted-server.ts";
import { until } from "./until.ts";

export function clusterAt(server: URL): Cluster {
  const authentication = { headers: {}, tls: {} };
  return {
    server,
    proxy: undefined,
    origin: "url",
    authenticate: () => Promise.resolve(authentication),
    refused: () => undefined,
  };
}

/** A reflector of pods at work on a scripted server. Random is 0: delays are 0.8, 1.6, … s, watches last 300 s. */
export class Play implements AsyncDisposable {
  readonly server: ScriptedServer;
  readonly clock: ManualClock;
  readonly sink: RecordingSink;
  readonly reflector: Reflector;
  /** What the observer was told: `list success 2`, `watch error`, `relist expired`, `frame error`, `decode error`. */
  readonly told: string[];
  readonly logged: string[];
  readonly #client: ApiClient;
  readonly #abort = new AbortController();
  readonly stopped: Promise<void>;

  static async start(options: Partial<ReflectorOptions> = {}): Promise<Play> {
    return new Play(await ScriptedServer.start(), options);
  }

  private constructor(server: ScriptedServer, options: Partial<ReflectorOptions>) {
    this.server = server;
    this.clock = new ManualClock();
    this.sink = new RecordingSink();
    this.told = [];
    this.logged = [];
    this.#client = new ApiClient({ cluster: clusterAt(server.url), clock: this.clock });
    this.reflector = new Reflector({
      client: this.#client,
      path: "/api/v1/pods",
      resource: "pods",
      sink: this.sink,
      clock: this.clock,
      random: () => 0,
      observer: this.#observer(),
      log: {
        info: (message) => this.logged.push(message),
        warn: (message, fields) => this.logged.push(`${message}: ${String(fields?.["error"])}`),
      },
      ...options,
    });
    this.stopped = this.reflector.run(this.#abort.signal);
  }

  /** Waits until the reflector waits, then lets just too little time pass, then the rest. */
  async backoff(ms: number): Promise<void> {
    await until(() => this.reflector.state.phase === "backoff", "phase backoff");
    this.clock.advance(ms - 1);
    if (this.reflector.state.phase !== "backoff") throw new Error(`waited less than ${ms} ms`);
    this.clock.advance(1);
    await until(() => this.reflector.state.phase !== "backoff", `the end of ${ms} ms of backoff`);
  }

  synced(): Promise<void> {
    return until(() => this.reflector.state.phase === "synced", "phase synced");
  }

  holds(...objects: string[]): Promise<void> {
    return until(
      () => this.sink.objects.join() === objects.toSorted().join(),
      `objects ${objects.join()}; there are ${this.sink.objects.join()}`,
    );
  }

  async stop(): Promise<void> {
    this.#abort.abort(new Error("the test is over"));
    await this.stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#client.close();
    await this.server[Symbol.asyncDispose]();
  }

  #observer(): ReflectorObserver {
    return {
      onList: (result, objects) => this.told.push(`list ${result} ${objects}`),
      onWatch: (result) => this.told.push(`watch ${result}`),
      onRelist: (reason) => this.told.push(`relist ${reason}`),
      onFrameError: () => this.told.push("frame error"),
      onDecodeError: () => this.told.push("decode error"),
    };
  }
}
