import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers before any application is asked: a line of plain text, as the reference's server words it. */
export function answerText(outgoing: ServerResponse, status: number, line: string): void {
  answer(outgoing, status, {
    type: "text/plain; charset=utf-8",
    body: `${line}\n`,
    headers: { "X-Content-Type-Options": "nosniff" },
  });
}

/** 301, with a page for those who read one. */
export function answerMoved(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  location: string,
): void {
  const readable = incoming.method === "GET" || incoming.method === "HEAD";
  answer(outgoing, 301, {
    ...(readable && {
      type: "text/html; charset=utf-8",
      body: `<a href="${escapeHtml(location)}">Moved Permanently</a>.\n\n`,
    }),
    headers: { Location: location },
  });
}

interface Answer {
  readonly type?: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

function answer(
  outgoing: ServerResponse,
  status: number,
  { type, body = "", headers }: Answer,
): void {
  outgoing.writeHead(status, {
    ...headers,
    ...(type !== undefined && { "Content-Type": type }),
    "Content-Length": Buffer.byteLength(body),
  });
  outgoing.end(body);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
