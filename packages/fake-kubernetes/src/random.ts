/** A reproducible source of randomness: the same seed gives the same sequence. */
export interface Random {
  /** A number in `[0, 1)`. */
  next(): number;
  /** A whole number in `[0, bound)`. */
  below(bound: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  /** A version 4 UUID. */
  uuid(): string;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** The suffix the API server makes for generated names: no vowels, no look-alikes. */
  suffix(length: number): string;
}

const purposes = { server: 0x9e3779b9, population: 0xc2b2ae35, life: 0x27d4eb2f } as const;

const nameAlphabet = "bcdfghjklmnpqrstvwxz2456789";

/**
 * sfc32 from a 32-bit seed; not for secrets. What is drawn for different purposes must not repeat each other's UIDs although
 * the user gives one seed: `purpose` keeps the sequences apart.
 */
export function seededRandom(seed: number, purpose: "server" | "population" | "life"): Random {
  let a = seed | 0;
  let b = purposes[purpose] | 0;
  let c = (seed ^ 0x85ebca6b) | 0;
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // Near seeds begin alike: the first words are thrown away.
  for (let i = 0; i < 15; i++) word();
  const hex = (digits: number): string => {
    let text = "";
    while (text.length < digits) text += word().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  };
  const below = (bound: number): number => Math.floor((word() / 0x1_0000_0000) * bound);
  return {
    next: () => word() / 0x1_0000_0000,
    below,
    pick: (values) => values[below(values.length)] ?? values[0],
    hex,
    uuid: () => {
      const digits = hex(32);
      const variant = "89ab"[word() & 3] ?? "8";
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
    suffix: (length) => {
      let text = "";
      for (let i = 0; i < length; i++) text += nameAlphabet[below(nameAlphabet.length)] ?? "b";
      return text;
    },
  };
}
