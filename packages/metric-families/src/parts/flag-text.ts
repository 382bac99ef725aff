/** A boolean as a label value; `undefined`, which shows as the empty text, stays apart from `false`. */
export function flagText(flag: boolean | undefined): "true" | "false" | undefined {
  if (flag === undefined) return undefined;
  return flag ? "true" : "false";
}
