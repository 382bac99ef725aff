import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { StreamBody } from "./response-body.ts";
import type { TransportResponse } from "./transport.ts";

const ERROR_BODY_BYTES = 16 * 1024;

/** A body without its content encoding; Node's gunzip also reads the many members of a compressed watch. */
export function plainBody(response: TransportResponse): StreamBody {
  const encoding = response.headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return response.body;
  if (encoding !== "gzip")
    throw new ExporterError(
      "API_UNKNOWN_ENCODING",
      `the API server answered in the encoding ${encoding}, which was not asked for`,
    );
  const source = Readable.from(response.body, { objectMode: false });
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  return lost(source.pipe(gunzip));
}

async function* lost(stream: Readable): AsyncGenerator<Buffer, undefined> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    return undefined;
  } catch (cause) {
    if (cause instanceof ExporterError) throw cause;
    throw new ExporterError("API_CONNECTION_LOST", `compressed body: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** The first KiB of an error body: enough for a Status, a bound for anything else. */
export async function excerpt(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= ERROR_BODY_BYTES) break;
    }
  } catch {
    // The HTTP status is the news; a broken explanation of it is not.
  }
  return Buffer.concat(chunks).subarray(0, ERROR_BODY_BYTES);
}
