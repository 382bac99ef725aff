import { get } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Scrapes without a pause over a connection of its own each time, every 50 ms, and remembers what was not as it must be: an answer
 * other than 200, no answer, or lines that are missing.
 */
export class Scraper {
  readonly faults: string[] = [];
  count = 0;
  /** The last exposition. */
  text = "";
  readonly #url: string;
  readonly #wanted: readonly string[];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  /** `wanted`: lines that every answer must have. */
  constructor(url: string, wanted: readonly string[]) {
    this.#url = url;
    this.#wanted = wanted;
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = delay(50, undefined, { signal }).catch(() => undefined);
      try {
        this.#judge(await answerOf(this.#url));
      } catch (error) {
        this.faults.push(String(error));
      }
      await pause;
    }
  }

  #judge({ status, body }: Answer): void {
    this.count++;
    if (status !== 200) return void this.faults.push(`${status}: ${body}`);
    this.text = body;
    const lines = new Set(body.split("\n"));
    this.faults.push(...this.#wanted.filter((line) => !lines.has(line)));
  }
}

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

function answerOf(url: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  get(url, { agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text: string) => void (body += text));
    response.once("error", reject);
    response.once("end", () => resolve({ status: response.statusCode, body }));
  }).once("error", reject);
  return promise;
}
