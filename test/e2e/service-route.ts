import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { type ControlPlaneClient, watchObjects } from "@kube-state-mosaic/control-plane";

interface EndpointSlice {
  readonly metadata: { readonly name: string };
  /** Null as long as there is none. */
  readonly endpoints:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean };
      }[]
    | null;
}

/** Where a Service leads to at this moment: the ready addresses of its real EndpointSlices. */
export class ServiceRoute implements AsyncDisposable {
  readonly #slices = new Map<string, readonly string[]>();
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #turn = 0;

  constructor(
    client: ControlPlaneClient,
    { namespace, name }: { readonly namespace: string; readonly name: string },
  ) {
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3D${name}`;
    this.#watching = this.#watch(client, path);
  }

  get addresses(): readonly string[] {
    return [...this.#slices.values()].flat().toSorted();
  }

  /** All ready addresses, beginning with another one each time. */
  inTurn(): readonly string[] {
    const { addresses } = this;
    this.#turn += 1;
    const first = this.#turn % Math.max(1, addresses.length);
    return [...addresses.slice(first), ...addresses.slice(0, first)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
  }

  async #watch(client: ControlPlaneClient, path: string): Promise<void> {
    const changes = watchObjects<EndpointSlice>(client, path, this.#stopping.signal);
    for await (const { type, object } of changes) {
      const { metadata, endpoints } = object;
      if (type === "DELETED") this.#slices.delete(metadata.name);
      else
        this.#slices.set(
          metadata.name,
          (endpoints ?? [])
            .filter(({ conditions }) => conditions?.ready === true)
            .flatMap(({ addresses }) => addresses),
        );
    }
  }
}

/**
 * A Service's address for clients that want one: passes each connection on to the next ready pod. One that refuses it is counted,
 * and the next is tried, which a real Service leaves to its client.
 */
export class ServiceProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #refused = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** `port`: that of the pods. */
  static async start(route: ServiceRoute, port: number): Promise<ServiceProxy> {
    const server = createServer();
    const proxy = new ServiceProxy(server);
    server.on("connection", (client) => {
      proxy.#clients.add(client);
      client.once("close", () => proxy.#clients.delete(client));
      client.on("error", () => undefined);
      const reach = ([address, ...others]: readonly string[]): void => {
        if (address === undefined) return void client.destroy();
        const pod = connect(port, address);
        pod.once("connect", () => {
          pod.off("error", refuse);
          pod.on("error", () => client.destroy());
          client.once("close", () => pod.destroy());
          client.pipe(pod).pipe(client);
        });
        const refuse = (): void => {
          proxy.#refused += 1;
          reach(others);
        };
        pod.once("error", refuse);
      };
      reach(route.inTurn());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Connections that pods refused. */
  get refused(): number {
    return this.#refused;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      for (const client of this.#clients) client.destroy();
    });
  }
}
