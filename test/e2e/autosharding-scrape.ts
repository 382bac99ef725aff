import { get } from "node:http";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { RunningPod } from "@kube-state-mosaic/control-plane";
import type { Answer } from "./autosharding-judge.ts";
import type { WholeAnswer } from "./autosharding-whole-judge.ts";

interface Raw {
  readonly status: number;
  readonly body: Buffer;
}

const port = 8080;
const inflate = promisify(gunzip);

/** Scrapes one worker; what does not answer has no status. */
export async function scrapeWorker(
  { pod, address }: RunningPod,
  timeoutMs: number,
): Promise<Answer> {
  const { name, uid } = pod.metadata;
  const who = { pod: name, uid };
  try {
    const response = await fetch(`http://${address}:${port}/metrics`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const number = (header: string): number | undefined => {
      const value = response.headers.get(header);
      return value === null ? undefined : Number(value);
    };
    return {
      ...who,
      status: response.status,
      epoch: number("x-mosaic-epoch"),
      shard: number("x-mosaic-shard"),
      total: number("x-mosaic-total-shards"),
      text: response.ok ? text : "",
    };
  } catch {
    // Not there yet, or not any more.
    const nothing = { epoch: undefined, shard: undefined, total: undefined, text: "" };
    return { ...who, status: undefined, ...nothing };
  }
}

/** Scrapes coordinators, each time over a connection of its own. */
export class CoordinatorScraper {
  /** By address: what came last, inflated. Most answers are the same bytes as the one before. */
  readonly #last = new Map<string, { readonly body: Buffer; readonly text: string }>();

  /** The answer of the first address that answers; calls `onRefused` for each that does not. */
  async scrape(
    addresses: readonly string[],
    onRefused: (address: string) => void,
  ): Promise<WholeAnswer | undefined> {
    for (const address of addresses) {
      const begunAt = performance.now();
      try {
        const { status, body } = await request(address);
        const endedAt = performance.now();
        return { address, status, begunAt, endedAt, text: await this.#text(address, body) };
      } catch {
        onRefused(address);
      }
    }
    return undefined;
  }

  async #text(address: string, body: Buffer): Promise<string> {
    const last = this.#last.get(address);
    if (last?.body.equals(body) === true) return last.text;
    const isDeflated = body[0] === 0x1f && body[1] === 0x8b;
    const text = (isDeflated ? await inflate(body) : body).toString();
    this.#last.set(address, { body, text });
    return text;
  }
}

function request(address: string): Promise<Raw> {
  return new Promise((resolve, reject) => {
    // As Prometheus asks with its usual limit.
    const headers = { "accept-encoding": "gzip", "x-prometheus-scrape-timeout-seconds": "10" };
    const options = {
      host: address,
      port,
      path: "/metrics",
      agent: false,
      timeout: 10_000,
      headers,
    };
    const sent = get(options, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => void pieces.push(piece));
      response.once("end", () => {
        if (response.complete)
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(pieces) });
        else reject(new Error("the answer broke off"));
      });
      response.once("error", reject);
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer within 10 s")));
    sent.once("error", reject);
  });
}
