import type { IncomingMessage, ServerResponse } from "node:http";
import { constants, createGzip } from "node:zlib";
import type { BodyStream } from "./body-stream.ts";
import type { Fault } from "./faults.ts";
import { prefersProtobuf } from "./negotiate.ts";
import { encodeStatusObject } from "./protobuf-meta.ts";
import { failure, type StatusBody } from "./status.ts";

/** Bodies below this go out in one piece with their length; larger ones are chunked and, on request, compressed. */
const smallBody = 128 * 1024;
const writeSize = 64 * 1024;
/** Milliseconds of work between two turns of the event loop. */
const workSlice = 10;

/** A JSON document. */
export function sendJson(response: ServerResponse, code: number, document: unknown): void {
  send(response, code, {
    type: "application/json",
    body: Buffer.from(`${JSON.stringify(document)}\n`),
  });
}

/** A body that is there as a whole. */
export function send(
  response: ServerResponse,
  code: number,
  content: { readonly type: string; readonly body: Buffer },
): void {
  response.writeHead(code, {
    "content-type": content.type,
    "content-length": content.body.length,
    "cache-control": "no-cache, private",
  });
  response.end(content.body);
}

/** A Status in the form the client accepts. */
export function sendStatus(
  request: IncomingMessage,
  response: ServerResponse,
  status: StatusBody,
): void {
  const retryAfter = status.details?.retryAfterSeconds;
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  const code = status.code ?? 500;
  if (prefersProtobuf(request.headers.accept))
    send(response, code, {
      type: "application/vnd.kubernetes.protobuf",
      body: encodeStatusObject(status),
    });
  else sendJson(response, code, status);
}

/** The answer of a `status` fault. */
export function sendFaultStatus(
  response: ServerResponse,
  fault: Extract<Fault, { kind: "status" }>,
): void {
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.retryAfter !== undefined) response.setHeader("retry-after", fault.retryAfter);
  const message = fault.message ?? `fault ${fault.code}`;
  const status = failure(fault.code, fault.reason ?? "", {
    message,
    ...(fault.retryAfter === undefined ? {} : { details: { retryAfterSeconds: fault.retryAfter } }),
  });
  switch (fault.form ?? "json") {
    case "json":
      return sendJson(response, fault.code, status);
    case "protobuf":
      return send(response, fault.code, {
        type: "application/vnd.kubernetes.protobuf",
        body: encodeStatusObject(status),
      });
    case "text":
      return send(response, fault.code, {
        type: "text/plain; charset=utf-8",
        body: Buffer.from(`${message}\n`),
      });
    case "html":
      return send(response, fault.code, {
        type: "text/html",
        body: Buffer.from(
          `<html><head><title>${fault.code}</title></head><body>${message}</body></html>`,
        ),
      });
    case "unlabelled":
      response.writeHead(fault.code);
      response.end(JSON.stringify(status));
      return;
    case "empty":
      response.writeHead(fault.code, { "content-length": 0 });
      response.end();
  }
}

/** Writes pieces as fast as the client takes them, without holding up other requests; compresses large bodies when asked to. */
export async function sendPieces(
  response: ServerResponse,
  stream: BodyStream,
  body: { readonly pieces: Iterable<Buffer>; readonly gzip: boolean },
): Promise<void> {
  const batches = batch(body.pieces);
  const first = takeSmall(batches);
  if (!body.gzip || first.length < smallBody) {
    stream.write(first);
    let since = performance.now();
    for (const piece of batches) {
      if (stream.closed) return;
      if (!stream.write(piece)) await stream.drained();
      if (performance.now() - since > workSlice) {
        await new Promise(setImmediate);
        since = performance.now();
      }
    }
    stream.end();
    return;
  }
  response.setHeader("content-encoding", "gzip");
  const gzip = createGzip({ level: constants.Z_BEST_SPEED });
  const feed = async (): Promise<void> => {
    gzip.write(first);
    for (const piece of batches)
      if (!gzip.write(piece)) await new Promise((resolve) => gzip.once("drain", resolve));
    gzip.end();
  };
  const feeding = feed();
  // zlib's chunks are Buffers.
  for await (const chunk of gzip as AsyncIterable<Buffer>) {
    if (stream.closed) break;
    if (!stream.write(chunk)) await stream.drained();
  }
  if (stream.closed) return;
  await feeding;
  stream.end();
}

function* batch(pieces: Iterable<Buffer>): Generator<Buffer> {
  let waiting: Buffer[] = [];
  let size = 0;
  for (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size >= writeSize) {
      yield Buffer.concat(waiting, size);
      waiting = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}

function takeSmall(batches: Generator<Buffer>): Buffer {
  const taken: Buffer[] = [];
  let size = 0;
  while (size < smallBody) {
    const next = batches.next();
    if (next.done === true) break;
    taken.push(next.value);
    size += next.value.length;
  }
  return Buffer.concat(taken, size);
}
