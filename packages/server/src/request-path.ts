import type { IncomingMessage, ServerResponse } from "node:http";
import { posix } from "node:path";
import { answerText } from "./plain-answer.ts";

/**
 * Brings the path of a request into its one form, so that everything behind reads the same: `/%6detrics` becomes `/metrics`.
 * Returns the decoded path, or undefined after an answer: a path with empty or dot segments is redirected to the cleaned one,
 * one that no route can have (an encoded slash or dot segment) is 404, one that cannot be decoded 400. As Go's ServeMux.
 */
export function settlePath(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): string | undefined {
  const target = originForm(incoming.url ?? "");
  if (target === undefined) return void answerText(outgoing, 400, "Bad Request");
  const queryAt = target.indexOf("?");
  const path = queryAt < 0 ? target : target.slice(0, queryAt);
  const query = queryAt < 0 ? "" : target.slice(queryAt);
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return void answerText(outgoing, 400, "Bad Request");
  const clean = posix.normalize(path);
  if (clean !== path) return void redirect(incoming, outgoing, clean + query);
  const segments = path.split("/").map(decodeSegment);
  if (segments.some(isUnroutable)) return void answerText(outgoing, 404, "404 page not found");
  incoming.url = segments.map((segment) => encodeURIComponent(segment ?? "")).join("/") + query;
  return segments.join("/");
}

/** Proxies may be sent whole URLs: `GET http://host/metrics HTTP/1.1`. */
function originForm(target: string): string | undefined {
  if (target.startsWith("/")) return target;
  const [, path] = /^https?:\/\/[^/?#]*(.*)$/i.exec(target) ?? [];
  if (path === undefined) return undefined;
  return path.startsWith("/") ? path : `/${path}`;
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isUnroutable(segment: string | undefined): boolean {
  return segment === undefined || segment === "." || segment === ".." || segment.includes("/");
}

function redirect(incoming: IncomingMessage, outgoing: ServerResponse, location: string): void {
  const readable = incoming.method === "GET" || incoming.method === "HEAD";
  const body = readable ? `<a href="${escapeHtml(location)}">Moved Permanently</a>.\n\n` : "";
  outgoing.writeHead(301, {
    Location: location,
    ...(readable && { "Content-Type": "text/html; charset=utf-8" }),
    "Content-Length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
