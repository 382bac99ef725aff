/** The candidates most like a misspelt word, at most three equally near ones; none if nothing is alike. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const limit = word.length < 3 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const alike = [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distanceBetween(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= limit || isStem(word, candidate));
  const best = Math.min(...alike.map(({ distance }) => distance));
  return alike
    .filter(({ distance }) => distance === best)
    .map(({ candidate }) => candidate)
    .slice(0, 3);
}

/** `; did you mean a or b?`, or nothing; `prefix` stands before each name. */
export function didYouMean(word: string, candidates: Iterable<string>, prefix = ""): string {
  const names = nearest(word, candidates).map((name) => `${prefix}${name}`);
  return names.length === 0 ? "" : `; did you mean ${names.join(" or ")}?`;
}

function isStem(word: string, candidate: string): boolean {
  return word.length >= 3 && candidate.startsWith(word);
}

/** Levenshtein distance. */
function distanceBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min(
          (next[j] ?? 0) + 1,
          (row[j + 1] ?? 0) + 1,
          (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
