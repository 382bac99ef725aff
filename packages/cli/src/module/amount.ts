/** A value of an object that cannot be read. */
export interface InvalidValue {
  readonly object: { readonly metadata: { readonly name: string; readonly namespace: string } };
  /** What it was read from: `user-cpu-limit`. */
  readonly field: string;
}

export type ReportInvalid = (value: InvalidValue) => void;

interface Amount<T> {
  /** What messages and the counter call it. */
  readonly field: string;
  /** The quantity's text; `undefined` when the object has none. */
  readonly text: (object: T) => string | undefined;
  /** `cores` or `bytes`: the number of a quantity, `undefined` of a text that is none. */
  readonly unit: (text: string) => number | undefined;
  readonly invalid: ReportInvalid;
}

/** A sample's value from a quantity: 0 when it is absent, and 0 and a report when it is malformed. */
export function amountOrZero<T extends InvalidValue["object"]>({
  field,
  text: textOf,
  unit,
  invalid,
}: Amount<T>): (object: T) => number {
  return (object) => {
    const text = textOf(object);
    if (text === undefined) return 0;
    const amount = unit(text);
    if (amount === undefined) invalid({ object, field });
    return amount ?? 0;
  };
}
