import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./client.ts";

/** A change as the API server sends it. */
export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

interface Notice {
  readonly type: "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

/**
 * The objects under a path and then their changes, until aborted. After a broken connection everything is sent again as `ADDED`; what
 * was deleted meanwhile is not told.
 */
export async function* watchObjects<T>(
  connection: Pick<Connection, "url" | "caFile" | "token">,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Change<T>> {
  while (!signal.aborted) {
    try {
      for await (const line of lines(connection, path, signal)) {
        const event = JSON.parse(line) as Change<T> | Notice;
        if (event.type === "ERROR") break;
        if (isChange(event)) yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      console.error(`process kubelet: ${path}: ${String(error)}; watching again`);
    }
    await delay(100, undefined, { signal }).catch(() => undefined);
  }
}

function isChange<T>(event: Change<T> | Notice): event is Change<T> {
  return event.type !== "BOOKMARK" && event.type !== "ERROR";
}

async function* lines(
  { url, caFile, token }: Pick<Connection, "url" | "caFile" | "token">,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  // Without a version the watch begins with all objects.
  const query = `${path.includes("?") ? "&" : "?"}watch=1&allowWatchBookmarks=true`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(
      url + path + query,
      {
        ca: readFileSync(caFile),
        headers: { authorization: `Bearer ${token}`, "user-agent": "process-kubelet" },
        signal,
      },
      resolve,
    ).once("error", reject);
  });
  if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  yield* createInterface({ input: response });
}
