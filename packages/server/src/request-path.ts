import { posix } from "node:path";

/** What the target of a request comes to. */
export type SettledPath =
  /** `path` is decoded; `url` is the target in its one form. */
  | { readonly kind: "path"; readonly path: string; readonly url: string }
  | { readonly kind: "redirect"; readonly location: string }
  | { readonly kind: "unreadable" }
  | { readonly kind: "unroutable" };

/**
 * Brings the target of a request into one form, so that everything behind reads the same: `/%6detrics` is `/metrics`. A path
 * with empty or dot segments is to be redirected to the cleaned one, as Go's ServeMux does; an encoded slash or dot segment
 * is in no route.
 */
export function settlePath(target: string): SettledPath {
  const [path, query] = splitTarget(target);
  if (path === undefined || /%(?![0-9A-Fa-f]{2})/.test(path)) return { kind: "unreadable" };
  const clean = posix.normalize(path);
  if (clean !== path) return { kind: "redirect", location: clean + query };
  const segments: string[] = [];
  for (const encoded of path.split("/")) {
    const segment = decoded(encoded);
    if (segment === undefined || /^\.\.?$|\//.test(segment)) return { kind: "unroutable" };
    segments.push(segment);
  }
  const url = segments.map(encodeURIComponent).join("/") + query;
  return { kind: "path", path: segments.join("/"), url };
}

/** Also of a whole URL, as proxies are sent: `GET http://host/metrics HTTP/1.1`. The query keeps its question mark. */
function splitTarget(target: string): [path: string | undefined, query: string] {
  const [, own] = /^https?:\/\/[^/?]*(.*)$/i.exec(target) ?? [];
  const [, path, query = ""] = /^([^?]*)(.*)$/s.exec(own ?? target) ?? [];
  if (own !== undefined && path === "") return ["/", query];
  return [path?.startsWith("/") ? path : undefined, query];
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
