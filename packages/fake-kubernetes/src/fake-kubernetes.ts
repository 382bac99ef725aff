import { createServer as createHttp, type Server } from "node:http";
import { createServer as createHttps } from "node:https";
import type { Server as TlsServer } from "node:tls";
import { ApiHandler } from "./api-handler.ts";
import {
  ClusterState,
  customResourceDefinition,
  type ObjectName,
  type SyntheticObject,
} from "./cluster-state.ts";
import { Faults } from "./faults.ts";
import { kubeconfigText } from "./kubeconfig.ts";
import type { KubernetesObject } from "./kubernetes-object.ts";
import { keyOf } from "./object-version.ts";
import type { User } from "./reviews.ts";
import type { RequestRecord, Settings } from "./settings.ts";

export interface TlsFiles {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
  /** What clients should trust; the certificate itself when it signs itself. */
  readonly ca?: string;
}

export interface FakeKubernetesOptions extends Partial<Omit<Settings, "access">> {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  readonly tls?: TlsFiles;
  /** Changes remembered per resource; watches from before them are answered 410. */
  readonly historyCapacity?: number;
  /** Bearer tokens and who they stand for. With them, requests without one are answered 401. */
  readonly tokens?: Readonly<Record<string, User>>;
  /** Answers SubjectAccessReviews; allows everything by default. */
  readonly authorize?: (spec: unknown) => boolean;
  /** Of the UIDs and name suffixes the server makes. */
  readonly seed?: number;
  /** Milliseconds since 1970, for creation timestamps. */
  readonly now?: () => number;
}

/** How running watches can be broken. */
export type Interruption = "end" | "close" | "reset" | "stall";

/**
 * Starts an API server on loopback that serves the exporter's 39 built-in resources, customresourcedefinitions and what they define,
 * as JSON and (but for custom resources) as protobuf. Behaviour follows kube-apiserver 1.36; `close` ends it.
 */
export async function startFakeKubernetes(
  options: FakeKubernetesOptions = {},
): Promise<FakeKubernetes> {
  const fake = new FakeKubernetes(options);
  await fake.listen();
  return fake;
}

/** The server and, in-process, its objects. `resource` is a path (`/apis/apps/v1/deployments`) or a plural name (`deployments`). */
export class FakeKubernetes implements AsyncDisposable {
  readonly faults: Faults = new Faults();
  readonly #state: ClusterState;
  readonly #handler: ApiHandler;
  readonly #server: Server;
  #tls: TlsFiles | undefined;
  #port: number;

  constructor(options: FakeKubernetesOptions) {
    const now = options.now ?? Date.now;
    this.#state = new ClusterState({
      historyCapacity: options.historyCapacity ?? 10_000,
      seed: options.seed ?? 1,
      now,
    });
    const { tokens = {} } = options;
    this.#handler = new ApiHandler(this.#state, this.faults, {
      shardSelector: options.shardSelector ?? "honour",
      streamingLists: options.streamingLists ?? "serve",
      bookmarkIntervalSeconds: options.bookmarkIntervalSeconds ?? 60,
      watchTimeoutSeconds: options.watchTimeoutSeconds ?? 1800,
      tooLargeVersionWaitSeconds: options.tooLargeVersionWaitSeconds ?? 3,
      gitVersion: options.gitVersion ?? "v1.36.3",
      authentication: options.authentication ?? options.tokens !== undefined,
      access: {
        authenticate: (token) => tokens[token],
        authorize: options.authorize ?? (() => true),
      },
    });
    this.#tls = options.tls;
    const { tls } = options;
    const handle = this.#handler.handle.bind(this.#handler);
    this.#server =
      tls === undefined
        ? createHttp({ noDelay: true }, (request, response) => void handle(request, response))
        : createHttps({ key: tls.key, cert: tls.cert }, (request, response) => {
            void handle(request, response);
          });
    // Idle connections of a client pool must not be cut under a request.
    this.#server.keepAliveTimeout = 90_000;
    this.#port = options.port ?? 0;
    for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"])
      this.create("namespaces", {
        metadata: { name, labels: { "kubernetes.io/metadata.name": name } },
        spec: { finalizers: ["kubernetes"] },
        status: { phase: "Active" },
      });
  }

  /** `http://127.0.0.1:<port>`. */
  get url(): string {
    return `${this.#tls === undefined ? "http" : "https"}://127.0.0.1:${this.#port}`;
  }

  get resourceVersion(): number {
    return this.#state.resourceVersion;
  }

  /** Can be changed at any time; for requests that begin afterwards. */
  get settings(): Settings {
    return this.#handler.settings;
  }

  /** The last requests (at most 10,000), oldest first. */
  get requests(): readonly RequestRecord[] {
    return this.#handler.requests;
  }

  /** Paths of the watches that run. */
  get runningWatches(): string[] {
    return [...this.#handler.watches].map(({ path }) => path);
  }

  /** A kubeconfig that reaches this server, with the first of the tokens unless another is given. */
  kubeconfig(token?: string): string {
    const ca = this.#tls?.ca ?? this.#tls?.cert;
    return kubeconfigText({ url: this.url, ca, token });
  }

  /** Stores a new object and gives it back with uid, version and time; a status is kept. Throws ApiFailure: AlreadyExists, Invalid. */
  create(resource: string, object: KubernetesObject): KubernetesObject {
    return this.#state.create(this.#resource(resource), object).object();
  }

  /** Creates or replaces; a new uid under a known name deletes the old object first. */
  put(resource: string, object: KubernetesObject): KubernetesObject {
    return this.#state.put(this.#resource(resource), object).object();
  }

  /** Replaces an object. Throws ApiFailure: NotFound, Conflict. */
  update(resource: string, object: KubernetesObject): KubernetesObject {
    return this.#state.update(this.#resource(resource), object).object();
  }

  /** JSON merge patch; the status can be patched too. Throws ApiFailure: NotFound, Conflict. */
  patch(resource: string, target: ObjectName, patch: unknown): KubernetesObject {
    return this.#state.patch(this.#resource(resource), target, patch).object();
  }

  /** Throws ApiFailure: NotFound. */
  delete(resource: string, target: ObjectName): void {
    this.#state.delete(this.#resource(resource), target);
  }

  get(resource: string, { namespace = "", name }: ObjectName): KubernetesObject | undefined {
    return this.#state.collection(resource).get(keyOf(namespace, name))?.object();
  }

  /** All objects in key order: makes all of them, so not for large clusters. */
  list(resource: string): KubernetesObject[] {
    return this.#state
      .collection(resource)
      .current()
      .map((version) => version.object());
  }

  /** Namespace, name and uid of all objects in key order; cheap. */
  names(resource: string): { namespace: string; name: string; uid: string }[] {
    return this.#state
      .collection(resource)
      .current()
      .map(({ namespace, name, uid }) => ({ namespace, name, uid }));
  }

  count(resource: string): number {
    return this.#state.collection(resource).size;
  }

  /** Adds objects that are made on demand, without events: before anybody watches. */
  load(resource: string, objects: Iterable<SyntheticObject>): void {
    this.#state.load(this.#resource(resource), objects);
  }

  /** Makes the protobuf form of all objects of a resource now rather than at the first list. */
  warm(resource: string): void {
    for (const version of this.#state.collection(resource).current()) version.protobuf();
  }

  /** Serves a custom resource by creating its CustomResourceDefinition. */
  registerCustomResource(definition: Parameters<typeof customResourceDefinition>[0]): void {
    this.put("customresourcedefinitions", customResourceDefinition(definition));
  }

  /** Forgets the history of one resource, or of all: older versions are answered 410. Running watches that have seen everything go on. */
  compact(resource?: string): void {
    this.#state.compact(resource);
  }

  /** Moves the version counter as writes to other resources would. */
  advance(by: number): void {
    this.#state.advance(by);
  }

  /** Sets the version counter back and loses all history; ends all watches. */
  restoreBackup(resourceVersion: number): void {
    this.interrupt("close");
    this.#state.restoreBackup(resourceVersion);
  }

  /** Breaks all running watches, or those of one path, now. */
  interrupt(how: Interruption, path?: string): void {
    for (const running of this.#handler.watches)
      if (path === undefined || running.path === path) running.stream.break(how);
  }

  /** Exchanges the certificate for new connections. */
  replaceCertificate(tls: TlsFiles): void {
    this.#tls = tls;
    // Only an https server was made with certificates, and that is a TLS server.
    (this.#server as unknown as TlsServer).setSecureContext({ key: tls.key, cert: tls.cert });
  }

  /** Binds the port, the same one after `stopListening`. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    const address = this.#server.address();
    if (typeof address === "object" && address !== null) this.#port = address.port;
  }

  /** Cuts all connections and refuses new ones until `listen` is called: an outage. */
  async stopListening(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  async close(): Promise<void> {
    for (const { watch } of this.#handler.watches) watch.stop();
    if (this.#server.listening) await this.stopListening();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #resource(name: string): ReturnType<ClusterState["collection"]>["resource"] {
    return this.#state.collection(name).resource;
  }
}
