/**
 * The lengths of a group's rows in one text, by slot: each in 7 bits a byte, low ones first, the top bit set where more follow. Zeros at
 * the end are left out, so a text nobody knows the rows of has none.
 */
export function writeRowLengths(lengths: Uint16Array | Uint32Array): Buffer {
  let rows = lengths.length;
  while (rows > 0 && lengths[rows - 1] === 0) rows--;
  const bytes = Buffer.allocUnsafe(rows * 5);
  let at = 0;
  for (let slot = 0; slot < rows; slot++) {
    let length = lengths[slot] ?? 0;
    for (; length > 0x7f; length >>>= 7) bytes[at++] = length | 0x80;
    bytes[at++] = length;
  }
  return bytes.subarray(0, at);
}

/** Reads what `writeRowLengths` wrote: a number a slot. */
export function readRowLengths(bytes: Uint8Array): number[] {
  const lengths: number[] = [];
  let length = 0;
  let shift = 0;
  for (const byte of bytes) {
    length |= (byte & 0x7f) << shift;
    shift += 7;
    if (byte > 0x7f) continue;
    lengths.push(length >>> 0);
    length = 0;
    shift = 0;
  }
  return lengths;
}
