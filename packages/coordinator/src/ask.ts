import type { Dispatcher } from "undici";

export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How long it may take to the end of the answer. */
  readonly timeoutMs: number;
  /** Told when the answer begins; whether its body is wanted. */
  readonly onHead: (head: Head) => boolean;
}

export interface Head {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Answer extends Head {
  /** As it came. */
  readonly chunks: readonly Buffer[];
}

/**
 * A GET request. Bare callbacks, since 8 quiet shards answer with 160 bytes each: `request` of undici, its stream and its abort signal
 * took half of the CPU of such a scrape that is not the writing of it. Rejects as undici does, and with a `TimeoutError`.
 */
export function ask(dispatcher: Dispatcher, question: Question): Promise<Answer> {
  const { url, headers, timeoutMs, onHead } = question;
  return new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url);
    const chunks: Buffer[] = [];
    let head: Head = { statusCode: 0, headers: {} };
    let isWanted = false;
    let controller: Dispatcher.DispatchController | undefined;
    let late: Error | undefined;
    const timer = setTimeout(() => {
      late = new DOMException("the answer takes too long", "TimeoutError");
      controller?.abort(late);
      reject(late);
    }, timeoutMs);
    dispatcher.dispatch(
      { origin, path: pathname + search, headers, method: "GET" },
      {
        onRequestStart(started) {
          controller = started;
          // It may have waited for its connection until now.
          if (late !== undefined) started.abort(late);
        },
        onResponseStart(_, statusCode, received) {
          if (statusCode < 200) return;
          head = { statusCode, headers: received };
          isWanted = onHead(head);
        },
        onResponseData(_, chunk) {
          if (isWanted) chunks.push(chunk);
        },
        onResponseEnd() {
          clearTimeout(timer);
          resolve({ ...head, chunks });
        },
        onResponseError(_, error) {
          clearTimeout(timer);
          reject(error);
        },
      },
    );
  });
}
