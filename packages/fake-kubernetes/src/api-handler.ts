import type { IncomingMessage, ServerResponse } from "node:http";
import { BodyStream } from "./body-stream.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { Collection } from "./collection.ts";
import { discoveryDocument } from "./discovery-documents.ts";
import { encodeSingle } from "./event-encoding.ts";
import type { Fault, Faults, Verb } from "./faults.ts";
import { FrameCache } from "./frame-cache.ts";
import { encodeList, prepareList } from "./list-encoding.ts";
import { listPage } from "./list.ts";
import { parseListOptions, type ListOptions } from "./list-options.ts";
import { contentTypeOf, negotiate, type Format } from "./negotiate.ts";
import { keyOf } from "./object-version.ts";
import { readBody } from "./request-body.ts";
import { parsePath, type ResourcePath } from "./request-path.ts";
import { groupPath } from "./resources.ts";
import { send, sendFaultStatus, sendJson, sendPieces, sendStatus } from "./responses.ts";
import { isProbe, verbOf } from "./request-verb.ts";
import { review } from "./reviews.ts";
import type { RequestRecord, Settings } from "./settings.ts";
import {
  ApiFailure,
  failure,
  forbiddenOption,
  methodNotAllowed,
  notFound,
  unknownPath,
  versionTooLarge,
} from "./status.ts";
import { Watch } from "./watch.ts";
import { createOverHttp, deleteOverHttp, patchOverHttp, scaleOf, updateOverHttp } from "./write.ts";

interface RunningWatch {
  readonly path: string;
  readonly stream: BodyStream;
  readonly watch: Watch;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly faults: readonly Fault[];
  readonly stream: BodyStream;
}

/** Frames of this many events are kept for watchers that are a little behind. */
const frameCapacity = 512;

/** Answers requests as an API server does. */
export class ApiHandler {
  readonly settings: Settings;
  readonly watches: Set<RunningWatch> = new Set();
  readonly requests: RequestRecord[] = [];
  readonly #state: ClusterState;
  readonly #faults: Faults;
  readonly #frames = new WeakMap<Collection, FrameCache>();

  constructor(state: ClusterState, faults: Faults, settings: Settings) {
    this.#state = state;
    this.#faults = faults;
    this.settings = settings;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://loopback");
    const target = parsePath(this.#state, url.pathname);
    const verb = verbOf(request.method ?? "GET", url, target);
    const seen = { verb, path: url.pathname, query: url.searchParams, headers: request.headers };
    const faults = this.#faults.take(seen, target?.collection.resource.path ?? url.pathname);
    const stream = new BodyStream(response, faults);
    this.#record({
      ...seen,
      method: request.method ?? "GET",
      get bytes() {
        return stream.bytes;
      },
    });
    try {
      for (const fault of faults) {
        if (fault.kind === "hold") await fault.until;
        if (fault.kind === "refuse") {
          if (fault.how === "reset") request.socket.resetAndDestroy();
          else request.socket.destroy();
          return;
        }
        if (fault.kind === "status") return sendFaultStatus(response, fault);
      }
      await this.#route({ request, response, url, faults, stream }, verb, target);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof ApiFailure) sendStatus(request, response, error.status);
      else
        sendStatus(
          request,
          response,
          failure(500, "InternalError", { message: `Internal error occurred: ${String(error)}` }),
        );
    }
  }

  async #route(exchange: Exchange, verb: Verb, target: ResourcePath | undefined): Promise<void> {
    const { request, response, url } = exchange;
    if (this.settings.authentication && !isProbe(url.pathname)) this.#authenticate(request);
    if (target === undefined) return this.#routeElsewhere(exchange);
    if (verb === "watch") return this.#watch(exchange, target);
    if (verb === "list") return this.#list(exchange, target);
    if (verb === "other") throw methodNotAllowed();
    const { resource } = target.collection;
    const format = negotiate(request.headers.accept, resource, "single");
    if (verb === "get") {
      const object = target.collection.get(keyOf(target.namespace, target.name));
      if (object === undefined) throw notFound(resource, target.name);
      if (target.subresource === "scale") return sendJson(response, 200, scaleOf(object));
      return sendObject(response, 200, { format, bytes: encodeSingle(format, object) });
    }
    const body = await readBody(request);
    const patchType = /^application\/(merge|strategic-merge)-patch\+json/;
    if (verb === "patch" && !patchType.test(request.headers["content-type"] ?? ""))
      throw new ApiFailure(
        failure(415, "UnsupportedMediaType", {
          message: "415: Unsupported Media Type",
          details: {},
        }),
      );
    if (verb === "delete") {
      const { uid, name } = deleteOverHttp(this.#state, target, body);
      return sendJson(response, 200, {
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Success",
        details: {
          name,
          ...(resource.group === "" ? {} : { group: resource.group }),
          kind: resource.name,
          uid,
        },
      });
    }
    if (verb === "deletecollection") return this.#deleteCollection(exchange, target);
    const write =
      verb === "create" ? createOverHttp : verb === "update" ? updateOverHttp : patchOverHttp;
    const object = write(this.#state, target, body);
    if (target.subresource === "scale") return sendJson(response, 200, scaleOf(object));
    sendObject(response, verb === "create" ? 201 : 200, {
      format,
      bytes: encodeSingle(format, object),
    });
  }

  async #routeElsewhere({ request, response, url }: Exchange): Promise<void> {
    if (isProbe(url.pathname))
      return send(response, 200, { type: "text/plain; charset=utf-8", body: Buffer.from("ok") });
    if (request.method === "POST") {
      const answer = review(
        url.pathname.replace(/^\/apis\//, ""),
        await readBody(request),
        this.settings.access,
      );
      if (answer !== undefined) return sendJson(response, 201, answer);
    }
    const document = discoveryDocument(
      url.pathname,
      this.#state.resources(),
      this.settings.gitVersion,
    );
    if (document !== undefined) return sendJson(response, 200, document);
    const served = this.#state.resources().some(({ group, version }) => {
      return url.pathname.startsWith(`${groupPath(group, version)}/`);
    });
    if (served) throw unknownPath();
    // Nobody knows the group: the answer comes from the router, not from an API.
    send(response, 404, {
      type: "text/plain; charset=utf-8",
      body: Buffer.from("404 page not found\n"),
    });
  }

  #authenticate(request: IncomingMessage): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    if (this.settings.access.authenticate(token) === undefined)
      throw new ApiFailure(failure(401, "Unauthorized", { message: "Unauthorized" }));
  }

  #options({ url, faults }: Exchange, target: ResourcePath): ListOptions {
    const { shardSelector } = this.settings;
    return parseListOptions(url.searchParams, target.collection.resource.name, {
      shardSelector,
      faults,
    });
  }

  async #list(exchange: Exchange, target: ResourcePath): Promise<void> {
    const { request, response, faults, stream } = exchange;
    const { collection, namespace } = target;
    const format = negotiate(request.headers.accept, collection.resource, "list");
    const options = this.#options(exchange, target);
    if (options.continue === "") await this.#reach(options.resourceVersion);
    const body = listPage(this.#state, { collection, namespace }, { options, faults });
    let since = performance.now();
    for (const _prepared of prepareList(format, body)) {
      if (performance.now() - since < 10) continue;
      await new Promise(setImmediate);
      since = performance.now();
    }
    response.statusCode = 200;
    response.setHeader("content-type", contentTypeOf(format.media, "list"));
    response.setHeader("cache-control", "no-cache, private");
    const encodings = String(request.headers["accept-encoding"] ?? "").split(",");
    await sendPieces(response, stream, {
      pieces: encodeList(format, body),
      gzip: encodings.some((token) => token.trim() === "gzip"),
    });
  }

  async #watch(exchange: Exchange, target: ResourcePath): Promise<void> {
    const { request, response, faults, stream } = exchange;
    const { collection, namespace, name } = target;
    const format = negotiate(request.headers.accept, collection.resource, "watch");
    const options = this.#options(exchange, target);
    const { streamingLists } = this.settings;
    if (options.sendInitialEvents && streamingLists === "refuse-match")
      throw forbiddenOption("resourceVersionMatch", "resourceVersionMatch is forbidden for watch");
    if (options.sendInitialEvents && streamingLists === "refuse-gate")
      throw forbiddenOption(
        "sendInitialEvents",
        "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
      );
    response.writeHead(200, {
      "content-type": contentTypeOf(format.media, "watch"),
      "cache-control": "no-cache, private",
    });
    response.flushHeaders();
    const watch = new Watch({
      collection,
      namespace,
      options: narrowed(options, { name, ignore: streamingLists === "ignore" }),
      format,
      faults,
      stream,
      frames: this.#framesOf(collection),
      bookmarkIntervalSeconds: this.settings.bookmarkIntervalSeconds,
      defaultTimeoutSeconds: this.settings.watchTimeoutSeconds,
    });
    const running = { path: exchange.url.pathname, stream, watch };
    this.watches.add(running);
    response.on("close", () => {
      watch.stop();
      this.watches.delete(running);
    });
    watch.applyEarlyFaults();
    await this.#startWatch(watch, collection, options);
  }

  async #startWatch(watch: Watch, collection: Collection, options: ListOptions): Promise<void> {
    const asked = options.resourceVersion;
    if (options.sendInitialEvents) {
      if (this.settings.streamingLists === "refuse-storage")
        return watch.fail(
          failure(500, "InternalError", {
            message: "Internal error occurred: the storage does not support RequestWatchProgress",
          }),
        );
      try {
        await this.#reach(asked);
      } catch (error) {
        if (error instanceof ApiFailure) return watch.fail(error.status);
        throw error;
      }
      if (asked !== 0 && (asked === undefined || asked > collection.observed))
        collection.observe(this.#state.resourceVersion);
      return watch.start(collection.observed, collection.current());
    }
    if (asked === undefined || asked === 0) watch.start(collection.observed, collection.current());
    else watch.start(asked);
  }

  /** Waits for a version from the future as long as the server does; throws the 504 then. */
  async #reach(version: number | undefined): Promise<void> {
    if (version === undefined || version <= this.#state.resourceVersion) return;
    const milliseconds = this.settings.tooLargeVersionWaitSeconds * 1000;
    await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
    if (version > this.#state.resourceVersion)
      throw versionTooLarge(version, this.#state.resourceVersion);
  }

  async #deleteCollection(exchange: Exchange, target: ResourcePath): Promise<void> {
    const { collection, namespace } = target;
    const options = this.#options(exchange, target);
    const body = listPage(
      this.#state,
      { collection, namespace },
      { options, faults: exchange.faults },
    );
    for (const object of body.items) this.#state.delete(collection.resource, object);
    exchange.response.setHeader("content-type", "application/json");
    const format: Format = { media: "json", form: "object" };
    const pieces = encodeList(format, body);
    await sendPieces(exchange.response, exchange.stream, { pieces, gzip: false });
  }

  #framesOf(collection: Collection): FrameCache {
    let frames = this.#frames.get(collection);
    if (frames === undefined) {
      frames = new FrameCache(frameCapacity);
      this.#frames.set(collection, frames);
    }
    return frames;
  }

  #record(record: RequestRecord): void {
    this.requests.push(record);
    if (this.requests.length > 10_000) this.requests.splice(0, 5_000);
  }
}

/** A watch of a single object's path sees that object only. */
function narrowed(
  options: ListOptions,
  { name, ignore }: { readonly name: string; readonly ignore: boolean },
): ListOptions {
  const { selector } = options;
  return {
    ...options,
    sendInitialEvents: options.sendInitialEvents && !ignore,
    selector:
      name === ""
        ? selector
        : (object) => object.name === name && (selector === undefined || selector(object)),
  };
}

function sendObject(
  response: ServerResponse,
  code: number,
  content: { readonly format: Format; readonly bytes: Buffer },
): void {
  const { format, bytes } = content;
  send(response, code, {
    type: contentTypeOf(format.media, "single"),
    body: format.media === "json" ? Buffer.concat([bytes, Buffer.from("\n")]) : bytes,
  });
}
