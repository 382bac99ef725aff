import { ExporterError } from "@kube-state-mosaic/errors";
import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface Sent {
  /** Bytes of the body handed to the socket, whether or not the end was reached. */
  readonly bytes: number;
  /** Why the end was not reached. */
  readonly error: Error | undefined;
}

/** Sends a body with back-pressure. Whatever ends it early destroys both the stream and the connection. Never rejects. */
export async function sendStream(stream: Readable, outgoing: ServerResponse): Promise<Sent> {
  let bytes = 0;
  stream.on("data", (chunk: Buffer | string) => (bytes += Buffer.byteLength(chunk)));
  try {
    await pipeline(stream, outgoing);
    return { bytes, error: undefined };
  } catch (thrown) {
    // The pipeline only sees that the connection closed early; the reason stands in what closed it.
    const error = outgoing.errored ?? thrown;
    return { bytes, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

const closedByReader: ReadonlySet<unknown> = new Set([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ECONNRESET",
  "EPIPE",
  "ABORT_ERR",
]);

/** Who ended an answer early: the reader, one of our time-outs, our shutdown, or a failure of the body itself. */
export function abortReason(error: Error): "closed" | "stalled" | "shutdown" | "failed" {
  if (error instanceof ExporterError) {
    if (error.code === "WRITE_TIMEOUT") return "stalled";
    if (error.code === "SHUTTING_DOWN") return "shutdown";
  }
  return closedByReader.has((error as NodeJS.ErrnoException).code) ? "closed" : "failed";
}
