import type { ServerResponse } from "node:http";

/** Answers before any application is asked: a line of plain text, as the reference's server words it. */
export function answerText(outgoing: ServerResponse, status: number, line: string): void {
  const body = `${line}\n`;
  outgoing.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "X-Content-Type-Options": "nosniff",
    "Content-Length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}
