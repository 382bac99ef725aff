/** The index of the column named `Type` in a Table's `columnDefinitions`; `undefined` when there is none. */
export function typeColumnOf(columnDefinitions: unknown): number | undefined {
  if (!Array.isArray(columnDefinitions)) return undefined;
  const index = columnDefinitions.findIndex(
    (column: unknown) =>
      typeof column === "object" && column !== null && "name" in column && column.name === "Type",
  );
  return index === -1 ? undefined : index;
}
