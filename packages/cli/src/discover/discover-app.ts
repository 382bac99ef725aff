import type { Publication, TargetShard } from "@kube-state-mosaic/discovery";
import { createApp, healthRoutes, type App } from "@kube-state-mosaic/server";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { overviewPage, targetsPage } from "./pages.ts";

const plain = { "Content-Type": "text/plain; charset=utf-8" };
const htmlType = { "Content-Type": "text/html; charset=utf-8" };
const mostShards = 65_536;

/**
 * The application of `discover`: `/sd/<job>` for http_sd, `/` with all jobs, `/targets/<job>` with one job's targets. What http_sd
 * reads is never compressed, and never an empty list because something is not known yet: that is 503, which keeps old targets.
 */
export function discoverApp(publication: Publication, logger: Logger): App {
  const app = createApp(logger);
  healthRoutes(app);
  app.get("/", (context) =>
    context.body(overviewPage(publication.state, "kube-state-mosaic discover"), 200, htmlType),
  );
  app.get("/targets/*", (context) => {
    const state = publication.state.get(nameAfter("/targets/", context.req.path));
    if (state === undefined) return context.notFound();
    const offset = Number(context.req.query("offset") ?? 0);
    const page = targetsPage(state, {
      search: context.req.query("search") ?? "",
      offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
    });
    return context.body(page, 200, htmlType);
  });
  app.get("/sd/*", (context) => {
    const name = nameAfter("/sd/", context.req.path);
    const shard = shardOf(context.req.query("shard"), context.req.query("total"));
    if (typeof shard === "string") return context.body(`${shard}\n`, 400, plain);
    const list = publication.list(name, shard);
    switch (list.kind) {
      case "unknown":
        return context.body(`There is no job "${name}".\n`, 404, plain);
      case "unavailable":
        return context.body(
          `The targets of "${name}" are not known yet: ${list.reason}\n`,
          503,
          plain,
        );
      case "list": {
        const { body, etag } = list;
        if (knows(context.req.header("if-none-match"), etag))
          return context.body(null, 304, { ETag: etag });
        return context.body(body(), 200, { "Content-Type": "application/json", ETag: etag });
      }
    }
  });
  return app;
}

/** Job names may have slashes, as those of the Prometheus operator do. */
function nameAfter(prefix: string, path: string): string {
  const rest = path.slice(prefix.length);
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** Undefined: all targets; a text: what is wrong. */
function shardOf(
  shard: string | undefined,
  total: string | undefined,
): TargetShard | string | undefined {
  if (shard === undefined && total === undefined) return undefined;
  const [index, count] = [shard, total].map((digits) =>
    /^\d{1,9}$/.test(digits ?? "") ? Number(digits) : undefined,
  );
  if (index === undefined || count === undefined)
    return "shard and total are both needed, as whole numbers: ?shard=0&total=3";
  if (count < 1 || count > mostShards) return `total must be from 1 to ${mostShards}`;
  return index < count ? { index, total: count } : "shard must be below total";
}

/** Weak comparison, as for GET. */
function knows(header: string | undefined, etag: string): boolean {
  const weak = (tag: string): string => tag.trim().replace(/^W\//, "");
  return header?.split(",").some((tag) => tag.trim() === "*" || weak(tag) === weak(etag)) ?? false;
}
