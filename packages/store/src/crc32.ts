const polynomial = 0xedb88320;

/** x^(2^k) modulo the CRC-32 polynomial, bit-reflected as zlib has it. */
const powers = new Int32Array(32);
powers[0] = 1 << 30;
for (let k = 1; k < 32; k++) powers[k] = multiply(powers[k - 1] ?? 0, powers[k - 1] ?? 0);

/** Blocks are mostly shorter than 64 KB: computing an operator takes 1 µs, looking it up nothing (256 KB a process). */
const shortOperators = new Int32Array(65536);

/** CRC-32 of `a` followed by `b`, from the CRC of each and the length of `b` in bytes. */
export function combineCrc32(crcOfA: number, crcOfB: number, lengthOfB: number): number {
  return (multiply(shiftOperator(lengthOfB), crcOfA | 0) ^ crcOfB) >>> 0;
}

/** x^(8·length): multiplying a CRC by it appends `length` zero bytes. */
function shiftOperator(length: number): number {
  if (length >= shortOperators.length) return longOperator(length);
  const known = shortOperators[length] ?? 0;
  if (known !== 0) return known;
  return (shortOperators[length] = power(length));
}

/** What is written again and again without changing has the same lengths again and again. */
const longOperators = new Map<number, number>();
const keptOperators = 16_384;

function longOperator(length: number): number {
  let known = longOperators.get(length);
  if (known !== undefined) return known;
  known = power(length);
  if (longOperators.size === keptOperators) longOperators.clear();
  longOperators.set(length, known);
  return known;
}

function power(length: number): number {
  let result = 1 << 31;
  for (let rest = length, k = 3; rest > 0; rest = Math.floor(rest / 2), k++)
    if (rest % 2 === 1) result = multiply(powers[k & 31] ?? 0, result);
  return result;
}

/** Product of two polynomials modulo the CRC's. */
function multiply(a: number, b: number): number {
  let product = 0;
  let factor = b;
  for (let rest = a; rest !== 0; rest <<= 1) {
    if (rest < 0) product ^= factor;
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial;
  }
  return product | 0;
}
