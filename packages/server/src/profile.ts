import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";

export type ProfileKind = "cpu" | "heap";

export interface ProfileRequest {
  readonly seconds: number;
  /** Ends it early; it then rejects. */
  readonly signal: AbortSignal;
}

/**
 * Records what this process does as V8's own profile (`.cpuprofile`, `.heapprofile`; JSON that Chrome's and VS Code's tools
 * open). The heap profile tells by which code memory still in use was allocated, and nothing of what is in it. No port is
 * opened for it.
 */
export async function recordProfile(
  kind: ProfileKind,
  { seconds, signal }: ProfileRequest,
): Promise<string> {
  using session = new Recorder(kind);
  await session.start();
  await sleep(seconds * 1000, undefined, { signal });
  return JSON.stringify(await session.stop());
}

class Recorder implements Disposable {
  readonly #kind: ProfileKind;
  readonly #session = new Session();

  constructor(kind: ProfileKind) {
    this.#kind = kind;
    this.#session.connect();
  }

  async start(): Promise<void> {
    if (this.#kind === "heap") return this.#session.post("HeapProfiler.startSampling");
    await this.#session.post("Profiler.enable");
    await this.#session.post("Profiler.start");
  }

  async stop(): Promise<unknown> {
    const { profile } =
      this.#kind === "heap"
        ? await this.#session.post("HeapProfiler.stopSampling")
        : await this.#session.post("Profiler.stop");
    return profile;
  }

  /** Ends what is being recorded. */
  [Symbol.dispose](): void {
    this.#session.disconnect();
  }
}
