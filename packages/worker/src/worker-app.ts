import {
  createApp,
  healthRoutes,
  landingRoute,
  metricsRoute,
  type App,
  type LandingPage,
  type MetricsRequest,
  type MetricsRouteOptions,
} from "@kube-state-mosaic/server";
import { blocksMediaType } from "@kube-state-mosaic/store";
import { Readable } from "node:stream";
import type { Worker } from "./worker.ts";

export interface WorkerAppOptions extends Omit<MetricsRouteOptions, "source"> {
  readonly worker: Worker;
  readonly page: Omit<LandingPage, "links">;
}

/** The application of a worker's metrics port: `/metrics`, `/blocks` for coordinators, `/owner` for people, health, and a landing page. */
export function workerApp({ worker, page, ...options }: WorkerAppOptions): App {
  const app = createApp(options.logger);
  const links = [
    { path: "/metrics", text: "Metrics" },
    { path: "/healthz", text: "Healthz" },
    { path: "/livez", text: "Livez" },
  ];
  landingRoute(app, { ...page, links });
  healthRoutes(app);
  app.all("/metrics", (context) => {
    const epoch = epochIn(context.req.query("epoch"));
    const source = (request: MetricsRequest) => worker.scrape(request, epoch);
    return metricsRoute({ ...options, source })(context);
  });
  app.get("/blocks", (context) => {
    const { since, epoch } = context.req.query();
    if (!acceptsBlocks(context.req.header("accept")))
      return context.text(`only ${blocksMediaType} can be sent\n`, 406);
    const answer = worker.blocks(epochIn(epoch), since);
    if ("status" in answer) return new Response(answer.body, { status: answer.status });
    return new Response(Readable.toWeb(Readable.from(answer)) as ReadableStream, {
      // The Date of HTTP has whole seconds, too coarse to see what the clocks of two machines differ.
      headers: {
        "Content-Type": blocksMediaType,
        "X-Mosaic-Time": (Date.now() / 1_000).toFixed(3),
      },
    });
  });
  app.get("/owner", (context) => context.json(worker.find(context.req.query("uid") ?? "")));
  return app;
}

/** An epoch that is no number cannot be answered, like one that is unknown. */
function epochIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** Whoever does not say can read it; whoever lists versions must list this one. */
function acceptsBlocks(accept: string | undefined): boolean {
  if (accept === undefined || accept.includes("*/*")) return true;
  return accept.split(",").some((type) => type.replaceAll(" ", "").startsWith(blocksMediaType));
}
