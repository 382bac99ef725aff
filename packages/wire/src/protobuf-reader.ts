import { textOf } from "./text.ts";
import { wireError } from "./wire-error.ts";

const twoTo32 = 0x1_0000_0000;
/** Go's zero time, 0001-01-01T00:00:00Z: it means unset also when written out. */
export const zeroTime = -62_135_596_800;

/**
 * A cursor over one protobuf message. Every method takes the end of the message it is inside of and never reads at or past it;
 * one that would throws `WIRE_TRUNCATED`. Encoding: https://protobuf.dev/programming-guides/encoding/
 */
export class ProtobufReader {
  bytes: Buffer;
  position: number;

  constructor(bytes: Buffer, start: number) {
    this.bytes = bytes;
    this.position = start;
  }

  /** Field number × 8 + wire type. */
  tag(end: number): number {
    const first = this.bytes[this.position] ?? 0;
    if (first >= 8 && first < 0x80) {
      this.position++;
      return first;
    }
    const tag = this.varint(end);
    if (tag < 8 || tag >= twoTo32)
      throw wireError("WIRE_INVALID", `protobuf tag ${tag} is invalid`);
    return tag;
  }

  /** An unsigned varint; beyond 2^53 the nearest double. */
  varint(end: number): number {
    const { bytes } = this;
    let position = this.position;
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (position >= end)
        throw wireError("WIRE_TRUNCATED", "protobuf varint runs past its message");
      const byte = bytes[position++] ?? 0;
      if (byte < 0x80) {
        this.position = position;
        return value + byte * factor;
      }
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    throw wireError("WIRE_INVALID", "protobuf varint has more than 10 bytes");
  }

  /** Reads a length and returns where the value that follows ends. */
  limit(end: number): number {
    const first = this.bytes[this.position] ?? 0;
    if (first < 0x80 && this.position < end) {
      this.position++;
      if (this.position + first <= end) return this.position + first;
    } else {
      const length = this.varint(end);
      if (this.position + length <= end) return this.position + length;
    }
    throw wireError("WIRE_TRUNCATED", "protobuf field is longer than the message it is in");
  }

  string(end: number): string {
    const limit = this.limit(end);
    const start = this.position;
    this.position = limit;
    return textOf(this.bytes, start, limit);
  }

  bool(end: number): boolean {
    return this.varint(end) !== 0;
  }

  int32(end: number): number {
    const first = this.bytes[this.position] ?? 0;
    if (first < 0x80 && this.position < end) {
      this.position++;
      return first;
    }
    return Number(BigInt.asIntN(32, this.bigint(end)));
  }

  int64(end: number): number {
    const start = this.position;
    const value = this.varint(end);
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.position = start;
    return Number(this.bigint(end));
  }

  int64Text(end: number): string {
    return this.bigint(end).toString();
  }

  double(end: number): number {
    const start = this.position;
    this.advance(8, end);
    return this.bytes.readDoubleLE(start);
  }

  bytesLength(end: number): number {
    const limit = this.limit(end);
    const length = limit - this.position;
    this.position = limit;
    return length;
  }

  /** Whole seconds. A zero-length message is the unset time, seconds = 0 is 1970. */
  time(end: number): number | undefined {
    const exact = this.microTime(end);
    return exact === undefined ? undefined : Math.floor(exact);
  }

  microTime(end: number): number | undefined {
    const limit = this.limit(end);
    if (this.position === limit) return undefined;
    let seconds = 0;
    let nanoseconds = 0;
    while (this.position < limit) {
      const tag = this.tag(limit);
      if (tag === 8) seconds = this.int64(limit);
      else if (tag === 16) nanoseconds = this.int32(limit);
      else this.skip(tag, limit);
    }
    if (seconds === zeroTime && nanoseconds === 0) return undefined;
    return nanoseconds === 0 ? seconds : seconds + Math.floor(nanoseconds / 1_000) / 1_000_000;
  }

  /** Its text; the zero quantity may be written as "" or nothing. */
  quantity(end: number): string {
    const limit = this.limit(end);
    let text = "";
    while (this.position < limit) {
      const tag = this.tag(limit);
      if (tag === 10) text = this.string(limit);
      else this.skip(tag, limit);
    }
    return text === "" ? "0" : text;
  }

  intOrString(end: number): number | string {
    const limit = this.limit(end);
    let type = 0;
    let number = 0;
    let text = "";
    while (this.position < limit) {
      const tag = this.tag(limit);
      if (tag === 8) type = this.int32(limit);
      else if (tag === 16) number = this.int32(limit);
      else if (tag === 26) text = this.string(limit);
      else this.skip(tag, limit);
    }
    return type === 0 ? number : text;
  }

  /** Puts one map entry (key = 1, value = 2; either may be missing) into `into`. */
  entry(into: Map<string, string>, end: number): void {
    const limit = this.limit(end);
    let key = "";
    let value = "";
    while (this.position < limit) {
      const tag = this.tag(limit);
      if (tag === 10) key = this.string(limit);
      else if (tag === 18) value = this.string(limit);
      else this.skip(tag, limit);
    }
    into.set(key, value);
  }

  quantityEntry(into: Map<string, string>, end: number): void {
    const limit = this.limit(end);
    let key = "";
    let value = "0";
    while (this.position < limit) {
      const tag = this.tag(limit);
      if (tag === 10) key = this.string(limit);
      else if (tag === 18) value = this.quantity(limit);
      else this.skip(tag, limit);
    }
    into.set(key, value);
  }

  /** Steps over the value of an undeclared field. */
  skip(tag: number, end: number): void {
    switch (tag & 7) {
      case 0:
        this.varint(end);
        return;
      case 1:
        this.advance(8, end);
        return;
      case 2:
        this.position = this.limit(end);
        return;
      case 5:
        this.advance(4, end);
        return;
      default:
        throw wireError("WIRE_INVALID", `protobuf wire type ${tag & 7} is not used by Kubernetes`);
    }
  }

  /** For a tag that no case took: skips an undeclared field, refuses a declared one in another wire type. */
  other(tag: number, end: number, declared: ReadonlySet<number>): void {
    if (declared.has(tag >>> 3))
      throw wireError("WIRE_INVALID", `protobuf field ${tag >>> 3} has wire type ${tag & 7}`);
    this.skip(tag, end);
  }

  bigint(end: number): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.position >= end)
        throw wireError("WIRE_TRUNCATED", "protobuf varint runs past its message");
      const byte = this.bytes[this.position++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw wireError("WIRE_INVALID", "protobuf varint has more than 10 bytes");
  }

  advance(count: number, end: number): void {
    if (this.position + count > end)
      throw wireError("WIRE_TRUNCATED", "protobuf field is longer than the message it is in");
    this.position += count;
  }
}
