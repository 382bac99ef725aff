import type { JsonObject, JsonValue } from "@kube-state-mosaic/wire";

/** A JSON value, or nothing; null is nothing too. */
export type Found = JsonValue | undefined;

export function isNothing(value: Found): value is null | undefined {
  return value === null || value === undefined;
}

export function isList(value: Found): value is readonly JsonValue[] {
  return Array.isArray(value);
}

export function isMapping(value: Found): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of a key of the mapping itself: objects inherit names that data may have as well (`constructor`). */
export function memberOf(mapping: JsonObject, key: string): Found {
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined;
}
