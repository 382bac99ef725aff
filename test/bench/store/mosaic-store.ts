import type { Readable } from "node:stream";
import {
  gzipStream,
  identityStream,
  MetricsStore,
  type Piece,
  type StoreSettings,
} from "@kube-state-mosaic/store";
import { podFamilies } from "./pod-rows.ts";
import type { Side } from "./scenarios.ts";

export function mosaicSide(settings: StoreSettings): Side & { readonly store: MetricsStore } {
  const store = new MetricsStore(podFamilies.length, settings);
  return {
    store,
    begin: () => store.beginReplace(),
    set: (row) => void store.set(row),
    end: () => void store.endReplace(),
    scrape: (encoding) =>
      drain(encoding === "gzip" ? gzipStream(pieces()) : identityStream(pieces())),
    maintain: () => {
      while (store.maintain());
    },
  };

  function* pieces(): Generator<Piece> {
    for (const [family, blocks] of store.snapshot().families.entries()) {
      yield Buffer.from(`# TYPE ${podFamilies[family] ?? ""} gauge\n`);
      yield* blocks;
    }
  }
}

async function drain(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
}
