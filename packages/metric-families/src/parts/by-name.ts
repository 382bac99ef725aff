import { compareBytes } from "@kube-state-mosaic/exposition";

/** The entries of a map in byte order of their keys, so that the order of samples does not depend on how the object came. */
export function byName(map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...map].sort(([left], [right]) => compareBytes(left, right));
}
