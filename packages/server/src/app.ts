import type { HttpBindings } from "@hono/node-server";
import { messageOf } from "@kube-state-mosaic/errors";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { Hono, type Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** Over a socket the Node request and response are there; `app.request()` has none. */
export interface ServerEnv {
  Bindings: Partial<HttpBindings>;
}

export type App = Hono<ServerEnv>;

/**
 * An application without routes that answers as the reference does where nothing matches: paths are exact (`/metrics/` is not
 * `/metrics`), anything else is 404. A handler that throws is logged and answered with 500.
 */
export function createApp(logger?: Logger): App {
  const app: App = new Hono<ServerEnv>({ strict: true });
  app.notFound((context) => problem(context, 404, "404 page not found\n"));
  app.onError((error, context) => {
    // A reader that has gone away makes handlers fail too; that is its own business.
    if (!context.req.raw.signal.aborted)
      logger?.error("A request failed; it is answered with status 500.", {
        path: context.req.path,
        error: messageOf(error),
      });
    return problem(context, 500, "Internal Server Error\n");
  });
  return app;
}

const plainText = "text/plain; charset=utf-8";

/** A plain text answer. */
export function text(
  context: Context<ServerEnv>,
  status: ContentfulStatusCode,
  body: string,
): Response {
  return context.body(body, status, { "Content-Type": plainText });
}

function problem(context: Context<ServerEnv>, status: 404 | 500, body: string): Response {
  const headers = { "Content-Type": plainText, "X-Content-Type-Options": "nosniff" };
  return context.body(body, status, headers);
}
