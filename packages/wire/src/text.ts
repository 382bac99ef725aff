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
  let hash = length;
  let bits = 0;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] ?? 0;
    bits |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (bits >= 0x80) return bytes.toString("utf8", start, end);
  const slot = (hash ^ (hash >>> 15)) & (slots - 1);
  const known = strings[slot] ?? "";
  if (known.length === length) {
    let index = 0;
    while (index < length && known.charCodeAt(index) === bytes[start + index]) index++;
    if (index === length) return known;
  }
  const text = bytes.toString("latin1", start, end);
  strings[slot] = text;
  return text;
}
