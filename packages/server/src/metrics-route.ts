import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import {
  acceptsGzip,
  negotiate,
  prefersGzip,
  type ExpositionFormat,
} from "@kube-state-mosaic/exposition";
import type { HistogramMetric, Logger, ScrapeMetrics } from "@kube-state-mosaic/telemetry";
import type { Context } from "hono";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import type { ServerEnv } from "./app.ts";
import { abortReason, sendStream } from "./send-stream.ts";
import { resourceFilter, type ResourceFilter } from "./resource-filter.ts";

export interface MetricsRequest extends ResourceFilter {
  readonly format: ExpositionFormat;
  /** Aborts when the reader goes away. */
  readonly signal: AbortSignal;
}

/** An exposition in both encodings; one of the two is called, at most once. */
export interface MetricsBody {
  gzip(): Readable;
  identity(): Readable;
}

export interface MetricsAnswer {
  readonly status: number;
  /** Besides Content-Type and Content-Encoding. */
  readonly headers: Readonly<Record<string, string>>;
  /** A text is a message for people, not an exposition: it is sent as it is. */
  readonly body: MetricsBody | string;
}

export interface MetricsRouteOptions {
  readonly source: (request: MetricsRequest) => MetricsAnswer | Promise<MetricsAnswer>;
  /** Whether gzip is offered to readers that accept it. */
  readonly gzip: boolean;
  /** Follows the weights of Accept and Accept-Encoding as RFC 9110 has them, where the reference does not. Default false. */
  readonly strictAccept?: boolean;
  readonly scrape?: ScrapeMetrics;
  readonly requestDuration?: HistogramMetric<"handler" | "method">;
  readonly logger?: Logger;
}

type Handler = (context: Context<ServerEnv>) => Promise<Response>;

/**
 * The handler of `/metrics`: negotiates format and encoding, reads the resource filter, and streams what `source` gives no
 * faster than the reader takes it. An answer that fails half-way is cut, so that no reader takes it for a whole one.
 */
export function metricsRoute(options: MetricsRouteOptions): Handler {
  return async (context) => {
    const start = performance.now();
    try {
      return await answer(context, options);
    } finally {
      const method = methodLabel(context.req.method);
      options.requestDuration?.observe(secondsSince(start), { handler: "metrics", method });
    }
  };
}

async function answer(
  context: Context<ServerEnv>,
  options: MetricsRouteOptions,
): Promise<Response> {
  const request = context.req.raw;
  const { strictAccept = false } = options;
  const { format, contentType } = negotiate(request.headers.get("accept"), strictAccept);
  const filter = resourceFilter(new URL(request.url).searchParams);
  const given = await options.source({ ...filter, format, signal: request.signal });
  if (typeof given.body === "string") {
    const headers = { ...given.headers, "Content-Type": "text/plain; charset=utf-8" };
    return new Response(given.body, { status: given.status, headers });
  }
  const acceptEncoding = request.headers.get("accept-encoding");
  const accepts = strictAccept ? prefersGzip : acceptsGzip;
  const gzip = options.gzip && accepts(acceptEncoding);
  const headers: Record<string, string> = { ...given.headers, "Content-Type": contentType };
  if (gzip) headers["Content-Encoding"] = "gzip";
  const init = { status: given.status, headers };
  if (request.method === "HEAD") return new Response(null, init);
  const stream = gzip ? given.body.gzip() : given.body.identity();
  const { outgoing } = context.env ?? {};
  // Without a socket (`app.request()`) the body is handed over as a web stream.
  if (outgoing === undefined) return new Response(Readable.toWeb(stream) as ReadableStream, init);
  await deliver(outgoing.writeHead(given.status, headers), stream, { ...options, gzip });
  return RESPONSE_ALREADY_SENT;
}

/** Written straight to the socket: a web stream in between costs a copy of the bookkeeping for each chunk and ends failed bodies with text. */
async function deliver(
  outgoing: ServerResponse,
  stream: Readable,
  { gzip, scrape, logger }: MetricsRouteOptions,
): Promise<void> {
  const encoding = gzip ? "gzip" : "identity";
  const start = performance.now();
  const { bytes, error } = await sendStream(stream, outgoing);
  scrape?.bytes.add(bytes, { encoding });
  if (error === undefined) {
    scrape?.duration.observe(secondsSince(start), { encoding });
    return;
  }
  const reason = abortReason(error);
  scrape?.aborted.add(1, { reason });
  logger?.[reason === "closed" ? "debug" : "warn"](
    "An answer to a scrape was cut; the reader has to ask again.",
    { reason, bytes, error },
  );
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}

const methods: ReadonlySet<string> = new Set(
  "get put head post delete connect options notify trace patch".split(" "),
);

function methodLabel(method: string): string {
  const label = method.toLowerCase();
  return methods.has(label) ? label : "unknown";
}
