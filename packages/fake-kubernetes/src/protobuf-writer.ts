const wireType = { varint: 0, delimited: 2 } as const;

/** A base-128 varint; exact up to 2^53. */
function varint(value: number): Buffer {
  if (value < 0x80) return Buffer.of(value);
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** Bytes a varint of this value takes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/** Tag, length and content of a string, bytes or message field. */
export function delimited(field: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
  return Buffer.concat([varint(field * 8 + wireType.delimited), varint(bytes.length), bytes]);
}

/** Tag and length of a delimited field whose content follows. */
export function delimitedHead(field: number, length: number): Buffer {
  return Buffer.concat([varint(field * 8 + wireType.delimited), varint(length)]);
}

/** A whole number field; negative ones are not needed here. */
export function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field * 8 + wireType.varint), varint(value)]);
}

/** The message between its first delimited field and the rest: every Kubernetes object begins with its metadata. */
export function splitFirstField(message: Buffer): {
  readonly first: Buffer;
  readonly rest: Buffer;
} {
  let length = 0;
  let shift = 1;
  let offset = 1;
  for (;;) {
    const byte = message[offset++] ?? 0;
    length += (byte & 0x7f) * shift;
    shift *= 0x80;
    if (byte < 0x80) break;
  }
  return { first: message.subarray(0, offset + length), rest: message.subarray(offset + length) };
}
