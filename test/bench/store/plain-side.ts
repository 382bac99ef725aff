import { once } from "node:events";
import { createGzip } from "node:zlib";
import { PlainStore } from "./plain-store.ts";
import { podFamilies } from "./pod-rows.ts";
import type { Side } from "./scenarios.ts";

/** Text in maps, compressed at each scrape, streamed a family at a time. */
export function plainSide(): Side {
  const store = new PlainStore(podFamilies.length);
  return {
    begin: () => store.beginReplace(),
    set: (row) => {
      // Flat bytes, as the reference keeps them: a rope of a hundred pieces would be unfair.
      const texts = row.texts.map((text) =>
        text === "" ? "" : Buffer.from(text).toString("latin1"),
      );
      store.set({ ...row, texts });
    },
    end: () => store.endReplace(),
    scrape: async (encoding) => {
      let bytes = 0;
      const gzip = createGzip();
      gzip.on("data", (chunk: Buffer) => (bytes += chunk.length));
      for (let family = 0; family < podFamilies.length; family++) {
        const text = Buffer.from(store.family(family));
        if (encoding === "identity") bytes += text.length;
        else if (!gzip.write(text)) await once(gzip, "drain");
      }
      gzip.end();
      await once(gzip, "end");
      return bytes;
    },
    maintain: () => undefined,
  };
}
