/** A 64-bit hash in two unsigned halves. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** FNV-1a, 64 bit, over the UTF-8 bytes: the API server's own hash for shard selectors. */
export function fnv1a64(text: string): Hash64 {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of Buffer.from(text, "utf8")) {
    low = (low ^ byte) >>> 0;
    // The prime is 2^40 + 0x1b3: multiply by 0x1b3 with the carry of the low half kept exact (below 2^53), then add low << 8 to the high half.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x1_0000_0000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return { high, low };
}
