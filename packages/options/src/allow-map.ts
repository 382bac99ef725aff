import type { AllowMap } from "./flags/row.ts";
import { Invalid } from "./invalid.ts";

/**
 * `resource=[key,key],resource=[key]`, read by one left-to-right scan with the rules of kube-state-metrics, so that the same texts
 * are accepted: a resource named twice keeps its last list, a text without delimiters gives nothing, an unclosed list loses its last key.
 */
export function parseAllowMap(text: string): AllowMap | Invalid {
  const lists = new Map<string, string[]>();
  let resource = "";
  let start = 0;
  const listOf = (name: string): string[] => {
    const list = lists.get(name) ?? [];
    lists.set(name, list);
    return list;
  };
  for (let i = 0; i < text.length; i++) {
    const previous = text[Math.max(0, i - 1)];
    const next = text[i + 1];
    switch (text[i] ?? "") {
      case "=":
        if (previous === "," || next !== "[") return misplaced("=", i);
        resource = text.slice(start, i).trim();
        lists.set(resource, []);
        break;
      case "[":
        if (previous !== "=") return misplaced("[", i);
        break;
      case "]":
        if (next !== undefined && next !== ",") return misplaced("]", i);
        if (previous !== "[") listOf(resource).push(text.slice(start, i).trim());
        break;
      case ",":
        if (previous === "," || next === "]" || next === undefined) return misplaced(",", i);
        if (previous !== "]") listOf(resource).push(text.slice(start, i).trim());
        break;
      default:
        continue;
    }
    start = i + 1;
  }
  return allowMapOf(lists);
}

/** The map of these lists, if no key has more than one `*`. */
export function allowMapOf(lists: ReadonlyMap<string, readonly string[]>): AllowMap | Invalid {
  for (const [resource, keys] of lists)
    for (const key of keys)
      if (key.split("*").length > 2)
        return new Invalid(`wrong in the key "${key}" of ${resource}: a key may have one * only`);
  return Object.freeze(
    Object.fromEntries([...lists].map(([resource, keys]) => [resource, Object.freeze([...keys])])),
  );
}

/** The keys that an allow list gives a resource; a `*` among the resources replaces all others. */
export function allowListFor(map: AllowMap, resource: string): readonly string[] {
  const name = Object.hasOwn(map, "*") ? "*" : resource;
  return Object.hasOwn(map, name) ? (map[name] ?? []) : [];
}

function misplaced(character: string, position: number): Invalid {
  return new Invalid(
    `not of the form pods=[app,team],nodes=[*]: the "${character}" at position ${position + 1} is out of place`,
  );
}
