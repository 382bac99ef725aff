import type { IncomingMessage, ServerResponse } from "node:http";
import type { App } from "./app.ts";
import { BasicAuth } from "./basic-auth.ts";
import { answerMoved, answerText } from "./plain-answer.ts";
import { TokenBucket } from "./rate-limit.ts";
import { settlePath } from "./request-path.ts";
import type { Security } from "./security.ts";

/** Open to everybody, whatever the auth filter says. Any other path with a route is protected. */
const openPaths: ReadonlySet<string> = new Set(["/", "/healthz", "/livez", "/readyz"]);

/**
 * What a request passes before its handler, in the reference's order: rate limit, headers, basic authentication, the path's
 * one form, and the auth filter where the path has a route.
 */
export class Gate {
  readonly #app: App;
  readonly #security: Security;
  readonly #bucket: TokenBucket | undefined;
  readonly #basicAuth = new BasicAuth();

  constructor(app: App, security: Security) {
    this.#app = app;
    this.#security = security;
    const limit = security.webConfig?.current.rateLimit;
    this.#bucket = limit && new TokenBucket(limit, () => performance.now());
  }

  /** Whether the request may go on; otherwise it has been answered. */
  async admits(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    if (!(await this.#passesWebConfig(incoming, outgoing))) return false;
    const path = settleRequest(incoming, outgoing);
    return path !== undefined && this.#passesFilter({ incoming, path }, outgoing);
  }

  async #passesWebConfig(incoming: IncomingMessage, outgoing: ServerResponse): Promise<boolean> {
    const { webConfig } = this.#security;
    if (webConfig === undefined) return true;
    await webConfig.refresh();
    const { headers, users } = webConfig.current;
    outgoing.setHeaders(new Map(headers));
    if (this.#bucket?.take() === false) {
      answerText(outgoing, 429, "Too Many Requests");
      return false;
    }
    if (users.size === 0 || (await this.#basicAuth.allows(incoming.headers.authorization, users)))
      return true;
    outgoing.setHeader("WWW-Authenticate", "Basic");
    answerText(outgoing, 401, "Unauthorized");
    return false;
  }

  async #passesFilter(
    { incoming, path }: { incoming: IncomingMessage; path: string },
    outgoing: ServerResponse,
  ): Promise<boolean> {
    const { authFilter } = this.#security;
    const { method = "GET", headers } = incoming;
    if (authFilter === undefined || !this.#isProtected(method, path)) return true;
    const { authorization } = headers;
    const refusal = await authFilter.refusal({ path, method, authorization });
    if (refusal !== undefined) answerText(outgoing, refusal.status, refusal.text);
    return refusal === undefined;
  }

  /** By the application's own router: a path that no route has is 404 for everybody. */
  #isProtected(method: string, path: string): boolean {
    if (openPaths.has(path)) return false;
    // HEAD is answered by routes of GET.
    return [method, "GET"].some((name) => this.#app.router.match(name, path)[0].length > 0);
  }
}

/** Gives the request the one form of its path; returns that path decoded, or undefined when the request is answered. */
function settleRequest(incoming: IncomingMessage, outgoing: ServerResponse): string | undefined {
  const settled = settlePath(incoming.url ?? "");
  switch (settled.kind) {
    case "path":
      incoming.url = settled.url;
      return settled.path;
    case "redirect":
      answerMoved(incoming, outgoing, settled.location);
      return undefined;
    case "unreadable":
      answerText(outgoing, 400, "400 Bad Request");
      return undefined;
    case "unroutable":
      answerText(outgoing, 404, "404 page not found");
      return undefined;
  }
}
