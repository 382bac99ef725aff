import { messageOf } from "@kube-state-mosaic/errors";
import {
  blocksMediaType,
  decodeBlocks,
  type Block,
  type BlockAnswer,
} from "@kube-state-mosaic/store";
import { Agent, request } from "undici";

/** An answer, or one line saying why there is none. */
export type FetchResult =
  | { readonly worker: string; readonly answer: BlockAnswer }
  | { readonly worker: string; readonly failure: string };

/**
 * Asks one worker for its blocks; what was sent once is not asked for again while the worker lives.
 * Fetches of one client run one after the other.
 */
export class WorkerClient {
  readonly worker: string;
  readonly #agent: Agent;
  readonly #timeoutMs: number;
  #last: BlockAnswer | undefined;
  #known: ReadonlyMap<number, Block> = new Map();
  #running: Promise<FetchResult> | undefined;

  /** `worker` is the base URL of its metrics port; `timeoutMs` bounds a whole fetch. */
  constructor(worker: string, timeoutMs: number) {
    this.worker = worker.replace(/\/+$/, "");
    this.#timeoutMs = timeoutMs;
    this.#agent = new Agent({ allowH2: false, connect: { timeout: timeoutMs } });
  }

  /** Never throws: an expected failure is a value. Concurrent calls share one fetch. */
  fetch(): Promise<FetchResult> {
    this.#running ??= this.#fetch().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #fetch(): Promise<FetchResult> {
    const { worker } = this;
    try {
      const since = this.#last?.manifest;
      const query = since ? `?since=${since.incarnation}:${since.nextBlockId}` : "";
      const { statusCode, body } = await request(`${worker}/blocks${query}`, {
        dispatcher: this.#agent,
        headers: { accept: blocksMediaType },
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      if (statusCode !== 200) {
        const text = (await body.text()).slice(0, 500).trim().replaceAll("\n", " ");
        return { worker, failure: `answered ${statusCode}: ${text}` };
      }
      return { worker, answer: this.#accept(Buffer.from(await body.bytes())) };
    } catch (error) {
      return { worker, failure: this.#explain(error) };
    }
  }

  #accept(frame: Buffer): BlockAnswer {
    let answer: BlockAnswer;
    try {
      answer = decodeBlocks(frame, this.#known);
    } catch (error) {
      // Start from nothing next time: a frame that does not fit what is held must not stay a fault for ever.
      this.#last = undefined;
      this.#known = new Map();
      throw error;
    }
    const known = new Map<number, Block>();
    for (const family of answer.families) for (const block of family) known.set(block.id, block);
    this.#known = known;
    this.#last = answer;
    return answer;
  }

  #explain(error: unknown): string {
    if (error instanceof DOMException && error.name === "TimeoutError")
      return `no complete answer within ${this.#timeoutMs / 1000} s`;
    return messageOf(error);
  }
}
