import { request as http, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { request as https } from "node:https";

/** An API server under test. */
export interface ApiServer {
  readonly baseUrl: string;
  /** Credentials, if it wants any. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM, for https. */
  readonly ca?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  /** How the connection ended: undefined when the body was complete. */
  readonly error: string | undefined;
}

export interface RequestOptions {
  readonly method?: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The object of a JSON answer, loosely typed for assertions. */
// oxlint-disable-next-line typescript/no-explicit-any -- assertions name the fields
export type Document = Record<string, any>;

/** A plain client without retries: a test sees what the server does. */
export class ApiClient {
  readonly #server: ApiServer;

  constructor(server: ApiServer) {
    this.#server = server;
  }

  async send(path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.open(path, options);
    const chunks: Buffer[] = [];
    let error: string | undefined;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    } catch (cause) {
      error = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    }
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      bytes: Buffer.concat(chunks),
      error,
    };
  }

  /** Status and parsed body. */
  async json(path: string, options: RequestOptions = {}): Promise<Document & { http: number }> {
    const answer = await this.send(path, options);
    const document = JSON.parse(answer.bytes.toString("utf8")) as Document;
    return { ...document, http: answer.status };
  }

  /** Headers have come, the body has not been read. */
  open(path: string, options: RequestOptions = {}): Promise<IncomingMessage> {
    const { baseUrl, ca } = this.#server;
    const url = new URL(baseUrl + path);
    const send = url.protocol === "https:" ? https : http;
    const { accept, body } = options;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        {
          method: options.method ?? "GET",
          agent: false,
          ...(ca === undefined ? {} : { ca }),
          headers: {
            "user-agent": "fake-kubernetes-test",
            ...this.#server.headers,
            ...(accept === undefined ? {} : { accept }),
            ...(body === undefined
              ? {}
              : {
                  "content-type": options.contentType ?? "application/json",
                  // Node sends the body of a DELETE without a length otherwise.
                  "content-length": Buffer.byteLength(text),
                }),
            ...options.headers,
          },
        },
        resolve,
      );
      request.on("error", reject);
      request.end(text);
    });
  }

  /** A JSON watch that is read in the background. */
  async watch(path: string, options: RequestOptions = {}): Promise<WatchedStream> {
    return new WatchedStream(await this.open(path, options));
  }
}

/** Collects the body of a watch. */
export class WatchedStream implements Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Everything that has come. */
  bytes: Buffer = Buffer.alloc(0);
  /** Sizes of the chunks as they came. */
  readonly chunkSizes: number[] = [];
  ended: "" | "clean" | "broken" = "";
  readonly #response: IncomingMessage;
  readonly #waiting = new Set<() => void>();

  constructor(response: IncomingMessage) {
    this.#response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    const wake = (): void => {
      for (const look of this.#waiting) look();
    };
    response.on("data", (chunk: Buffer) => {
      this.chunkSizes.push(chunk.length);
      this.bytes = Buffer.concat([this.bytes, chunk]);
      wake();
    });
    response.on("end", () => {
      this.ended = "clean";
      wake();
    });
    response.on("error", () => {
      this.ended = "broken";
      wake();
    });
  }

  /** The complete lines so far. */
  get events(): Document[] {
    return this.bytes
      .toString("utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Document);
  }

  /** `ADDED a`, `BOOKMARK ` and so on. */
  get summary(): string[] {
    return this.events.map(({ type, object }) => `${type} ${object?.metadata?.name ?? ""}`.trim());
  }

  /** Waits until the condition holds; the test's own time limit is the only one. */
  async until(condition: (stream: this) => boolean): Promise<this> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.#waiting.delete(look);
          resolve();
        };
        this.#waiting.add(look);
      });
    }
    return this;
  }

  [Symbol.dispose](): void {
    this.#response.destroy();
  }
}
