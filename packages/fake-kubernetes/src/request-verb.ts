import type { Verb } from "./faults.ts";
import type { ResourcePath } from "./request-path.ts";

/** What kind of request it is, as RBAC names it; `other` where the path has no such method. */
export function verbOf(method: string, url: URL, target: ResourcePath | undefined): Verb {
  const named = target !== undefined && target.name !== "";
  switch (method) {
    case "GET": {
      const watch = (url.searchParams.get("watch") ?? "").toLowerCase();
      if (target === undefined) return "get";
      if (watch === "1" || watch === "true") return "watch";
      return named ? "get" : "list";
    }
    case "POST":
      return named ? "other" : "create";
    case "PUT":
      return named ? "update" : "other";
    case "PATCH":
      return named ? "patch" : "other";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    default:
      return "other";
  }
}

/** Health paths, which need no credentials. */
export function isProbe(path: string): boolean {
  return path === "/healthz" || path.startsWith("/livez") || path.startsWith("/readyz");
}
