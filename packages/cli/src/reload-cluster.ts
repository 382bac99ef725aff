import type { Authentication, Cluster } from "@kube-state-mosaic/kubernetes";

type Tls = Authentication["tls"];

/**
 * A cluster whose credentials can be replaced under those who use it. Connections go on where the certificates are the same: a new
 * token is used by the next request, and no watch ends.
 */
export class ReplaceableCluster implements Cluster {
  readonly server: Cluster["server"];
  readonly proxy: Cluster["proxy"];
  readonly origin: Cluster["origin"];
  #inner: Cluster;
  #tls: Tls | undefined;

  constructor(cluster: Cluster) {
    this.server = cluster.server;
    this.proxy = cluster.proxy;
    this.origin = cluster.origin;
    this.#inner = cluster;
  }

  /** The same server on the same way: only then can it replace what is used. */
  isSameServer({ server, proxy }: Cluster): boolean {
    return server.href === this.server.href && proxy === this.proxy;
  }

  replace(cluster: Cluster): void {
    this.#inner = cluster;
  }

  async authenticate(): Promise<Authentication> {
    const inner = this.#inner;
    const { headers, tls } = await inner.authenticate();
    if (inner !== this.#inner) return this.authenticate();
    if (this.#tls === undefined || !isSame(this.#tls, tls)) this.#tls = tls;
    return { headers, tls: this.#tls };
  }

  refused(): void {
    this.#inner.refused();
  }
}

function isSame(left: Tls, right: Tls): boolean {
  return (["ca", "cert", "key", "servername", "rejectUnauthorized"] as const).every(
    (key) => left[key] === right[key],
  );
}
