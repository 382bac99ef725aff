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
import { blocksMediaType, encodeBlocks } from "@kube-state-mosaic/store";
import { Readable } from "node:stream";
import type { Worker } from "./worker.ts";

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
  app.all("/metrics", (context) => {
    const epoch = epochIn(context.req.query("epoch"));
    const source = (request: MetricsRequest) => worker.scrape(request, epoch);
    return metricsRoute({ ...options, source })(context);
  });
  app.get("/blocks", (context) => {
    const { since, epoch } = context.req.query();
    return blocksResponse(worker, since, epochIn(epoch));
  });
  return app;
}

/** An epoch that is no number cannot be answered, like one that is unknown. */
function epochIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function blocksResponse(
  worker: Worker,
  since: string | undefined,
  epoch: number | undefined,
): Response {
  const answer = worker.blocks(epoch);
  if ("status" in answer) return new Response(answer.body, { status: answer.status });
  const [incarnation, id] = since?.split(":") ?? [];
  const known = incarnation === worker.incarnation ? Number(id) : 0;
  const body = Readable.from(encodeBlocks(answer, Number.isSafeInteger(known) ? known : 0));
  return new Response(Readable.toWeb(body) as ReadableStream, {
    headers: { "Content-Type": blocksMediaType },
  });
}
