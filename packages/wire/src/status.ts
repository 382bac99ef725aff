import { decodeJson } from "./json-decode.ts";
import { parseJson } from "./json-parse.ts";
import { decodeProtobuf } from "./protobuf-decode.ts";
import { hasMagic, openEnvelope } from "./protobuf-envelope.ts";
import type { Status } from "./raw-object.ts";
import { status, type StatusMessage } from "./schema/list-meta.ts";

/**
 * The v1 Status in an error body, whatever its Content-Type says: error bodies come labelled as something else, or not at all.
 * `undefined` when the bytes are no Status: plain text, HTML, another object, or one that was cut off.
 */
export function parseStatus(body: Uint8Array): Status | undefined {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const whole = { start: 0, end: bytes.length };
  try {
    if (hasMagic(bytes, whole)) {
      const { kind, raw } = openEnvelope(bytes, whole);
      return kind === "Status" ? statusOf(decodeProtobuf(status, bytes, raw)) : undefined;
    }
    const value = parseJson(bytes.toString());
    return isStatus(value) ? statusOf(decodeJson(status, value)) : undefined;
  } catch {
    return undefined;
  }
}

/** The contract's Status from the message's fields. */
export function statusOf(from: StatusMessage): Status {
  return {
    code: from.code,
    reason: from.reason,
    message: from.message,
    causes: from.details?.causes ?? [],
    retryAfterSeconds: from.details?.retryAfterSeconds ?? 0,
  };
}

const isStatus = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
