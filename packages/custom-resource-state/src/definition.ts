import type { JsonObject } from "@kube-state-mosaic/wire";
import type { CustomKind } from "./custom-resource.ts";
import { isList, isMapping, memberOf, type Found } from "./json-value.ts";

/** What a CustomResourceDefinition defines, or why it defines nothing. */
export interface Definition {
  /** One for each served version. */
  readonly kinds: readonly CustomKind[];
  /** Versions that are left out, and why. */
  readonly skipped: readonly string[];
}

/** The kinds of a CustomResourceDefinition (apiextensions.k8s.io/v1) in JSON form; a malformed one has none, with the reason. */
export function readDefinition(object: JsonObject): Definition {
  const spec = mappingOf(memberOf(object, "spec"));
  const names = mappingOf(memberOf(spec, "names"));
  const group = memberOf(spec, "group");
  const kind = memberOf(names, "kind");
  const plural = memberOf(names, "plural");
  const versions = memberOf(spec, "versions");
  if (typeof group !== "string" || typeof kind !== "string" || typeof plural !== "string")
    return { kinds: [], skipped: ["it has no spec.group, spec.names.kind or spec.names.plural"] };
  if (!isList(versions)) return { kinds: [], skipped: ["it has no list spec.versions"] };
  const namespaced = memberOf(spec, "scope") !== "Cluster";
  const kinds: CustomKind[] = [];
  const skipped: string[] = [];
  for (const [index, version] of versions.entries()) {
    const name = isMapping(version) ? memberOf(version, "name") : undefined;
    const served = isMapping(version) ? memberOf(version, "served") : undefined;
    if (typeof name !== "string") skipped.push(`spec.versions[${index}] has no name`);
    else if (served === false) skipped.push(`version ${name} is not served`);
    else if (served !== undefined && served !== true)
      skipped.push(`served of version ${name} is neither true nor false`);
    else kinds.push({ group, version: name, kind, plural, namespaced });
  }
  return { kinds, skipped };
}

function mappingOf(value: Found): JsonObject {
  return isMapping(value) ? value : {};
}
