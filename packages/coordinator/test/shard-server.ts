import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { deflateRawSync, constants, crc32 } from "node:zlib";
import {
  blocksMediaType,
  encodeBlocks,
  type Block,
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
  readonly #server: Server;
  #families: readonly Block[][] = [[], []];
  #rows = 0;

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
      const since = new URL(request.url ?? "", "http://x").searchParams.get("since")?.split(":");
      const known = since?.[0] === this.incarnation ? Number(since[1]) : 0;
      const body = Buffer.concat([...encodeBlocks(this.#answer(), known)]);
      this.bytesSent += body.length;
      response.writeHead(200, { "Content-Type": blocksMediaType }).end(body);
    });
  }

  /** The pods of this shard: two families, a sample each for every pod. */
  set(pods: readonly string[]): void {
    this.#rows = pods.length;
    this.#families = ["kube_pod_info", "kube_pod_created"].map((family) =>
      pods.length === 0 ? [] : [blockOf(pods.map((pod) => `${family}{pod="${pod}"} 1\n`).join(""))],
    );
  }

  #answer() {
    const families = ["kube_pod_info", "kube_pod_created"].map((name) => ({
      name,
      help: "Help.",
      type: "gauge" as const,
    }));
    const resources = [{ name: "pods", rows: this.#rows, families }];
    const { identity, incarnation } = this;
    return {
      manifest: { identity, incarnation, nextBlockId: nextId, resources },
      families: this.#families,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let nextId = 1;

function blockOf(text: string): Block {
  const bytes = deflateRawSync(text, { finishFlush: constants.Z_FULL_FLUSH });
  return { id: nextId++, length: text.length, crc32: crc32(text), deflated: () => bytes };
}
