import type { IncomingMessage } from "node:http";
import { badRequest } from "./status.ts";

/** The JSON of a body, `undefined` for an empty one; throws a 400 ApiFailure for anything else. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  // Without an encoding, a request's chunks are Buffers.
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  if (text === "") return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return body;
  } catch {
    throw badRequest("the object provided is unrecognized: json parse error");
  }
}
