/**
 * A 64-bit unsigned integer in two halves that is computed with in place: without BigInt, and without allocation. The halves
 * are kept as signed 32-bit integers, which V8 stores unboxed; only their bits count.
 */
export class Uint64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  add(high: number, low: number): void {
    const sum = (this.low + low) | 0;
    const carry = sum >>> 0 < low >>> 0 ? 1 : 0;
    this.low = sum;
    this.high = (this.high + high + carry) | 0;
  }

  xor(high: number, low: number): void {
    this.high ^= high;
    this.low ^= low;
  }

  /** Modulo 2^64. The low halves are multiplied in 16-bit parts: each partial sum stays below 2^32. */
  multiply(high: number, low: number): void {
    const a0 = this.low & 0xffff;
    const a1 = this.low >>> 16;
    const b0 = low & 0xffff;
    const b1 = low >>> 16;
    const first = Math.imul(a0, b0);
    const second = (Math.imul(a1, b0) + (first >>> 16)) | 0;
    const third = (Math.imul(a0, b1) + (second & 0xffff)) | 0;
    const carried = (Math.imul(a1, b1) + (second >>> 16) + (third >>> 16)) | 0;
    this.high = (carried + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = (third << 16) | (first & 0xffff);
  }

  /** By 1 to 31 bits. */
  rotateLeft(bits: number): void {
    const high = (this.high << bits) | (this.low >>> (32 - bits));
    this.low = (this.low << bits) | (this.high >>> (32 - bits));
    this.high = high;
  }

  /** `x ^= x >>> bits`, for 1 to 31 bits. */
  xorShiftRight(bits: number): void {
    const low = (this.low >>> bits) | (this.high << (32 - bits));
    this.high ^= this.high >>> bits;
    this.low ^= low;
  }
}
