/** A reproducible source of randomness: the same seed gives the same sequence. Not for secrets. */
export interface Random {
  /** A whole number in `[0, bound)`. */
  below(bound: number): number;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** A version 4 UUID, as the API server gives: all its random bits are uniform. */
  uuid(): string;
}

/** splitmix32. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const hex = (digits: number): string => {
    let text = "";
    while (text.length < digits) text += word().toString(16).padStart(8, "0");
    return text.slice(0, digits);
  };
  return {
    below: (bound) => Math.floor((word() / 2 ** 32) * bound),
    hex,
    uuid: () => {
      const digits = hex(32);
      const variant = (8 + (word() % 4)).toString(16);
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
  };
}
