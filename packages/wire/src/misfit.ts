/** A value that does not fit. Its path is put together on the way out; on the way in that would cost more than the decoding. */
export class Misfit extends Error {
  path = "";

  static wanted(what: string, value: unknown): Misfit {
    return new Misfit(`should be ${what} and is ${nameOf(value)}`);
  }
}

/** The error with one more step in front of its path, if it is a Misfit. */
export function within(step: string, error: unknown): unknown {
  if (error instanceof Misfit) error.path = step + error.path;
  return error;
}

function nameOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return `a value of type ${typeof value}`;
}
