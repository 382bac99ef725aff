import { messageOf } from "@kube-state-mosaic/errors";
import { blocksMediaType, decodeBlocks, type BlockAnswer } from "@kube-state-mosaic/store";
import { Agent } from "undici";
import { ask, type Answer, type Head } from "./ask.ts";
import { readTime, type ClockReading } from "./clock-skew.ts";
import { readTextShard, type ResourceOf } from "./text-shard.ts";
import { authorization, readTls, type WorkerAccess } from "./worker-access.ts";

/** Within a cluster a connection takes milliseconds: an address that does not answer is that of a pod that is gone. */
const connectTimeoutMs = 2_000;

/** An answer with when it was received (monotonic milliseconds). */
export interface Received {
  readonly answer: BlockAnswer;
  readonly at: number;
  /** It came as text: nothing is known beside its samples. */
  readonly isText: boolean;
}

/** An answer, or one line saying why there is none. */
export type FetchResult =
  | { readonly received: Received }
  | { readonly failure: string; readonly epochs: readonly number[] };

/** Why an answer is not that of the shard that was asked; undefined if it is. */
export type Objection = (answer: BlockAnswer) => string | undefined;

export interface WorkerClientOptions {
  readonly access: WorkerAccess;
  readonly resourceOf: ResourceOf;
  readonly now: () => number;
  /** Unix milliseconds. */
  readonly wall: () => number;
  readonly onClock: (reading: ClockReading) => void;
  /** Its shard, for an answer that does not say. */
  readonly fallback: { readonly shard: number; readonly totalShards: number };
}

const openMetrics = "application/openmetrics-text; version=1.0.0";
const textRetryMs = 60_000;

/**
 * Asks one worker for the blocks of one epoch or another; what was sent once is not asked for again while the worker lives. Its last
 * answers stay for as long as nothing newer comes, also those of an incarnation that is gone.
 */
export class WorkerClient {
  readonly #options: WorkerClientOptions;
  #url: string;
  #agent: Promise<Agent> | undefined;
  /** By epoch; the key of answers without one is undefined. */
  readonly #last = new Map<number | undefined, Received>();
  readonly #running = new Map<number | undefined, Promise<FetchResult>>();
  #textUntil = 0;
  bytesReceived = 0;

  constructor(url: string, options: WorkerClientOptions) {
    this.#url = url;
    this.#options = options;
  }

  get url(): string {
    return this.#url;
  }

  /** A successor may live elsewhere. */
  moveTo(url: string): void {
    if (url === this.#url) return;
    this.#url = url;
    this.#textUntil = 0;
  }

  /** The newest answer for an epoch. */
  last(epoch: number | undefined): Received | undefined {
    return this.#last.get(epoch);
  }

  /** Forgets the answers of all epochs but these, once there is one for any of them. */
  keep(epochs: readonly (number | undefined)[]): void {
    if (!epochs.some((epoch) => this.#last.has(epoch))) return;
    for (const epoch of this.#last.keys()) if (!epochs.includes(epoch)) this.#last.delete(epoch);
  }

  /**
   * Never throws: an expected failure is a value. Concurrent calls for one epoch share one fetch. An answer for which `objection` has a
   * reason is a failure, and the one before it stays.
   */
  fetch(epoch: number | undefined, timeoutMs: number, objection?: Objection): Promise<FetchResult> {
    let running = this.#running.get(epoch);
    if (running === undefined) {
      running = this.#fetch(epoch, timeoutMs, objection).finally(() => this.#running.delete(epoch));
      this.#running.set(epoch, running);
    }
    return running;
  }

  async close(): Promise<void> {
    await (await this.#agent)?.destroy();
  }

  async #fetch(
    epoch: number | undefined,
    timeoutMs: number,
    objection: Objection = () => undefined,
  ): Promise<FetchResult> {
    const deadline = performance.now() + timeoutMs;
    try {
      const now = this.#options.now();
      if (now >= this.#textUntil) {
        const result = await this.#blocks(epoch, deadline);
        if (result !== undefined) return this.#accept(epoch, result, objection);
        this.#textUntil = now + textRetryMs;
      }
      return this.#accept(epoch, await this.#text(epoch, deadline), objection);
    } catch (error) {
      this.#agent = this.#agent?.catch(() => undefined as never);
      return { failure: explain(error, timeoutMs), epochs: [] };
    }
  }

  /** Undefined: the worker does not speak the protocol. */
  async #blocks(epoch: number | undefined, deadline: number): Promise<FetchResult | undefined> {
    const base = this.#last.get(epoch) ?? [...this.#last.values()].at(-1);
    const query = new URLSearchParams();
    if (epoch !== undefined) query.set("epoch", String(epoch));
    if (base !== undefined && !base.isText)
      query.set("since", `${base.answer.manifest.incarnation}:${base.answer.manifest.token}`);
    const askedAt = this.#options.now();
    const { statusCode, headers, chunks } = await this.#get(`/blocks?${query.toString()}`, {
      accept: blocksMediaType,
      deadline,
      onHead: (head) => {
        this.#readClock(head.headers["x-mosaic-time"], this.#options.now() - askedAt);
        return !isForeign(head);
      },
    });
    if (isForeign({ statusCode, headers })) return undefined;
    if (statusCode !== 200) return refusal(statusCode, Buffer.concat(chunks));
    const frame = joined(chunks);
    this.bytesReceived += frame.length;
    try {
      const answer = decodeBlocks(frame, base?.answer);
      return { received: { answer, isText: false, at: this.#options.now() } };
    } catch (error) {
      // Start from nothing next time: a frame that does not fit what is held must not stay a fault for ever.
      this.#last.delete(epoch);
      if (base !== undefined)
        for (const [key, kept] of this.#last) if (kept === base) this.#last.delete(key);
      throw error;
    }
  }

  /** The worker looked at its clock somewhere between the question and the answer: taken for the middle. */
  #readClock(header: string | string[] | undefined, roundTripMs: number): void {
    const time = readTime(header);
    if (time === undefined) return;
    const within = roundTripMs / 2_000;
    this.#options.onClock({ seconds: time - this.#options.wall() / 1_000 + within, within });
  }

  async #text(epoch: number | undefined, deadline: number): Promise<FetchResult> {
    const query = epoch === undefined ? "" : `?epoch=${epoch}`;
    const { statusCode, headers, chunks } = await this.#get(`/metrics${query}`, {
      accept: openMetrics,
      deadline,
      onHead: () => true,
    });
    const text = Buffer.concat(chunks);
    if (statusCode !== 200) return refusal(statusCode, text);
    this.bytesReceived += text.length;
    const { shard, totalShards } = this.#options.fallback;
    const number = (name: string, otherwise: number): number => Number(headers[name] ?? otherwise);
    const identity = {
      shard: number("x-mosaic-shard", shard),
      totalShards: number("x-mosaic-total-shards", totalShards),
      hash: String(headers["x-mosaic-hash"] ?? "jump"),
      epoch: number("x-mosaic-epoch", epoch ?? 0),
    };
    const answer = await readTextShard(text, identity, this.#options.resourceOf);
    return { received: { answer, isText: true, at: this.#options.now() } };
  }

  #accept(epoch: number | undefined, result: FetchResult, objection: Objection): FetchResult {
    if (!("received" in result)) return result;
    const reason = objection(result.received.answer);
    if (reason !== undefined) return { failure: reason, epochs: [] };
    this.#last.delete(epoch);
    this.#last.set(epoch, result.received);
    return result;
  }

  async #get(
    path: string,
    {
      accept,
      deadline,
      onHead,
    }: {
      readonly accept: string;
      /** By the monotonic clock. */
      readonly deadline: number;
      readonly onHead: (head: Head) => boolean;
    },
  ): Promise<Answer> {
    const { access } = this.#options;
    this.#agent ??= readTls(access).then(
      (tls) => new Agent({ allowH2: false, connect: { ...tls, timeout: connectTimeoutMs } }),
    );
    const agent = await this.#agent;
    const headers = { accept, ...(await authorization(access)) };
    const timeoutMs = deadline - performance.now();
    return ask(agent, { url: this.#url + path, headers, timeoutMs, onHead });
  }
}

/** Of a server that does not speak the protocol, or not this version. */
function isForeign({ statusCode, headers }: Head): boolean {
  if (statusCode === 200) return headers["content-type"] !== blocksMediaType;
  return statusCode === 404 || statusCode === 406;
}

/** Used for one frame after the other: what is decoded keeps nothing of it. */
let frameBuffer = Buffer.allocUnsafeSlow(0);
/** The first frame of a worker is much larger than those that follow. */
const keptFrameBytes = 2 << 20;

/** Valid until the next call. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (size > keptFrameBytes) return Buffer.concat(chunks);
  if (frameBuffer.length < size) frameBuffer = Buffer.allocUnsafeSlow(keptFrameBytes);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(frameBuffer, at);
  return frameBuffer.subarray(0, size);
}

function refusal(status: number, text: Buffer): FetchResult {
  const body = text.toString().slice(0, 500).trim().replaceAll("\n", " ");
  const epochs = status === 409 ? [...body.matchAll(/\d+/g)].slice(1).map(Number) : [];
  return { failure: `answered ${status}: ${body}`, epochs };
}

function explain(error: unknown, timeoutMs: number): string {
  if (error instanceof DOMException && error.name === "TimeoutError")
    return `no complete answer within ${timeoutMs / 1000} s`;
  return messageOf(error);
}
