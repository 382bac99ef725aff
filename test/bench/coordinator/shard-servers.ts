import { blocksMediaType, BlockEncoder, MetricsStore } from "@kube-state-mosaic/store";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { podFamilies, podRow } from "../store/pod-rows.ts";

/** Shards with synthetic pods as a coordinator sees them: stores and the block protocol, without an API server. */
export interface ShardServers {
  readonly urls: readonly string[];
  /** Gives this many pods another state, spread over all shards. */
  change(pods: number): void;
}

const headers = podFamilies.map((name) => ({ name, help: "Help.", type: "gauge" as const }));

export async function startShards(shards: number, pods: number): Promise<ShardServers> {
  const stores = Array.from({ length: shards }, () => new MetricsStore(podFamilies.length));
  for (const store of stores) store.beginReplace();
  for (let pod = 0; pod < pods; pod++) stores[pod % shards]?.set(podRow(pod, 0));
  for (const store of stores) store.endReplace();
  const urls: string[] = [];
  for (const [shard, store] of stores.entries()) {
    const encoder = new BlockEncoder();
    const server = createServer((request, response) => {
      const since =
        new URL(request.url ?? "", "http://shard").searchParams.get("since") ?? undefined;
      const { rows, families } = store.snapshot();
      const manifest = {
        identity: { shard, totalShards: shards, hash: "jump", epoch: 0 },
        incarnation: "bench",
        epochs: [0],
        digest: "",
        resources: [{ name: "pods", rows, families: headers }],
        counters: [],
      };
      response.writeHead(200, { "Content-Type": blocksMediaType });
      const frame = encoder.encode(
        { manifest, families, directories: [store.directories()], reflectors: [] },
        since,
      );
      void pipeline(Readable.from(frame), response).catch(() => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }
  let revision = 0;
  let next = 0;
  return {
    urls,
    change(count) {
      revision++;
      for (let changed = 0; changed < Math.min(count, pods); changed++) {
        next = (next + 7_919) % pods;
        stores[next % shards]?.set(podRow(next, revision));
      }
    },
  };
}
