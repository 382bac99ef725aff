const slots = 8192;
const longest = 40;
const strings: string[] = Array.from({ length: slots }, () => "");

/**
 * The UTF-8 text in `bytes[start, end)`. Short ASCII texts come from a table of recent ones: label keys, phases, images, node names
 * repeat from object to object, and comparing is cheaper than making a string again and keeps one copy of it alive.
 */
export function textOf(bytes: Buffer, start: number, end: number): string {
  const length = end - start;
  if (length === 0) return "";
  if (length > longest) return bytes.toString("utf8", start, end);
  const slot = slotOf(bytes, start, length);
  const known = strings[slot] ?? "";
  if (known.length === length) {
    let index = 0;
    while (index < length && known.charCodeAt(index) === bytes[start + index]) index++;
    if (index === length) return known;
  }
  // A text that is not ASCII is in the table too, but equals no bytes: its characters are others than its bytes.
  return (strings[slot] = bytes.toString("utf8", start, end));
}

/** By its length and six of its bytes: texts that share them share a place, which costs time only. */
function slotOf(bytes: Buffer, start: number, length: number): number {
  const quarter = length >> 2;
  const half = length >> 1;
  const last = start + length - 1;
  let hash = length;
  hash = Math.imul(hash, 31) + (bytes[start] ?? 0);
  hash = Math.imul(hash, 31) + (bytes[start + quarter] ?? 0);
  hash = Math.imul(hash, 31) + (bytes[start + half] ?? 0);
  hash = Math.imul(hash, 31) + (bytes[last - quarter] ?? 0);
  hash = Math.imul(hash, 31) + (bytes[last - (half & 1)] ?? 0);
  hash = Math.imul(hash, 31) + (bytes[last] ?? 0);
  return (hash ^ (hash >>> 13)) & (slots - 1);
}
