/** The sample lines of an exposition in byte order, without the exporter's own. */
export function samples(...expositions: readonly string[]): readonly string[] {
  return expositions
    .flatMap((text) => text.split("\n"))
    .filter(
      (line) => line !== "" && !line.startsWith("#") && !line.startsWith("kube_state_mosaic_"),
    )
    .toSorted();
}

/** The samples of one family. */
export function family(text: string, name: string): readonly string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

/** The sum of a family's values; a value is what follows the last space. */
export function sum(text: string, name: string): number {
  return family(text, name)
    .map((line) => Number(line.slice(line.lastIndexOf(" ") + 1)))
    .reduce((total, value) => total + value, 0);
}

/** Up to ten lines that stand in the one and not in the other, both ways. A comparison of whole lists would take minutes to print. */
export interface Difference {
  readonly missing: readonly string[];
  readonly added: readonly string[];
}

/** The difference of two equal lists. */
export const none: Difference = { missing: [], added: [] };

/** Compares two lists as multisets. */
export function difference(expected: readonly string[], actual: readonly string[]): Difference {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const added: string[] = [];
  for (const line of actual) {
    const count = counts.get(line) ?? 0;
    if (count === 0) added.push(line);
    else counts.set(line, count - 1);
  }
  const missing = [...counts].filter(([, count]) => count > 0).map(([line]) => line);
  return { missing: missing.slice(0, 10), added: added.slice(0, 10) };
}
