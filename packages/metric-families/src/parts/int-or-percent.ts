/**
 * A count given as a number, or as a percentage of `total`: Go's `intstr.GetScaledValueFromIntOrPercent`. A number is taken as it is,
 * neither scaled nor capped. `undefined` for a field that is unset, a total that is unset, and a text that is no percentage.
 */
export function scaled(
  field: number | string | undefined,
  total: number | undefined,
  round: (value: number) => number,
): number | undefined {
  if (field === undefined || total === undefined) return undefined;
  if (typeof field === "number") return field;
  const percentage = /^([+-]?\d+)%$/.exec(field)?.[1];
  return percentage === undefined ? undefined : round((Number(percentage) * total) / 100);
}
