import {
  createApp,
  healthRoutes,
  landingRoute,
  metricsRoute,
  type App,
  type LandingPage,
  type MetricsRouteOptions,
} from "@kube-state-mosaic/server";
import { blocksMediaType, encodeBlocks } from "@kube-state-mosaic/store";
import { Readable } from "node:stream";
import { notSynced, type Worker } from "./worker.ts";

export interface WorkerAppOptions extends Omit<MetricsRouteOptions, "source"> {
  readonly worker: Worker;
  readonly page: Omit<LandingPage, "links">;
}

/** The application of a worker's metrics port: `/metrics`, `/blocks` for coordinators, health, and a landing page. */
export function workerApp({ worker, page, ...options }: WorkerAppOptions): App {
  const app = createApp(options.logger);
  const links = [
    { path: "/metrics", text: "Metrics" },
    { path: "/healthz", text: "Healthz" },
    { path: "/livez", text: "Livez" },
  ];
  landingRoute(app, { ...page, links });
  healthRoutes(app);
  app.all("/metrics", metricsRoute({ ...options, source: (request) => worker.scrape(request) }));
  app.get("/blocks", (context) => blocksResponse(worker, context.req.query("since")));
  return app;
}

function blocksResponse(worker: Worker, since: string | undefined): Response {
  const answer = worker.blocks();
  if ("waiting" in answer) return new Response(notSynced(answer.waiting), { status: 503 });
  const [incarnation, id] = since?.split(":") ?? [];
  const known = incarnation === worker.incarnation ? Number(id) : 0;
  const body = Readable.from(encodeBlocks(answer, Number.isSafeInteger(known) ? known : 0));
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: { "Content-Type": blocksMediaType },
  });
}
