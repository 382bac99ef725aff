import { normalize } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "@kube-state-mosaic/errors";
import { ApiClient, ApiError, loadCluster, type Cluster } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { ReplaceableCluster } from "./reload-cluster.ts";
import type { FileMetrics } from "./reload-metrics.ts";
import { build } from "./version.ts";

const probeMs = 10_000;

export interface KubeconfigReloadOptions {
  readonly options: Pick<Options, "kubeconfig" | "apiserver">;
  readonly cluster: ReplaceableCluster;
  readonly logger: Logger;
  readonly metrics: FileMetrics;
  /** Milliseconds until a server that did not answer is asked again; default 5,000. */
  readonly retryMs?: number;
}

/** Takes new credentials of a changed kubeconfig into use, once the API server has accepted them. */
export class KubeconfigReload {
  readonly #options: KubeconfigReloadOptions;
  #latest = new AbortController();

  constructor(options: KubeconfigReloadOptions) {
    this.#options = options;
  }

  /** Resolves when the file is in use, or cannot be, or another change or the end has come. A change that is waited for goes on meanwhile. */
  async changed(ending: AbortSignal): Promise<void> {
    const { cluster, logger, retryMs = 5_000 } = this.#options;
    this.#latest.abort();
    this.#latest = new AbortController();
    const signal = AbortSignal.any([ending, this.#latest.signal]);
    let told = "";
    while (!signal.aborted) {
      const found = await this.#load();
      if (signal.aborted) return;
      if ("fault" in found) return this.#refuse(found.fault);
      if (!cluster.isSameServer(found)) return this.#otherServer(found);
      const outcome = await probe(found, signal);
      if (signal.aborted) return;
      if (outcome.kind === "accepted") return this.#use(found);
      if (outcome.kind === "refused") return this.#refuse(outcome.reason);
      if (outcome.reason !== told) {
        told = outcome.reason;
        this.#options.metrics.failed(this.#path);
        logger.warn(
          "the credentials of the changed kubeconfig cannot be tried; they are tried again",
          {
            file: this.#path,
            reason: told,
          },
        );
      }
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  get #path(): string {
    return normalize(this.#options.options.kubeconfig);
  }

  async #load(): Promise<Cluster | { readonly fault: string }> {
    const { options, logger } = this.#options;
    try {
      return await loadCluster({ ...options, onWarning: (message) => logger.warn(message) });
    } catch (error) {
      return { fault: messageOf(error) };
    }
  }

  #use(found: Cluster): void {
    const { cluster, logger, metrics } = this.#options;
    cluster.replace(found);
    metrics.loaded(this.#path);
    logger.info("the credentials of the changed kubeconfig are in use", { file: this.#path });
  }

  #refuse(reason: string): void {
    const { logger, metrics } = this.#options;
    metrics.failed(this.#path);
    logger.error("the changed kubeconfig is not used; the credentials before stay in use", {
      file: this.#path,
      error: reason,
    });
  }

  #otherServer({ server, proxy }: Cluster): void {
    const { cluster, logger, metrics } = this.#options;
    metrics.failed(this.#path);
    logger.error(
      "the changed kubeconfig names another API server or proxy, which needs a restart",
      {
        file: this.#path,
        inUse: cluster.server.origin,
        named: server.origin,
        ...(proxy !== cluster.proxy && { proxy: "another one" }),
      },
    );
  }
}

type Outcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" | "unknown"; readonly reason: string };

/** Whether the server knows who this is. What everybody may read is read, so that no permission is needed. */
async function probe(cluster: Cluster, signal: AbortSignal): Promise<Outcome> {
  await using client = new ApiClient({ cluster, version: build.version });
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(probeMs)]);
    await client.getJson("/version", undefined, limit);
  } catch (error) {
    const reason = messageOf(error);
    if (!(error instanceof ApiError)) return { kind: "unknown", reason };
    if (error.httpStatus === 401) return { kind: "refused", reason };
    // Forbidden and not found are answers to somebody who is known.
    if (error.httpStatus >= 500 || error.httpStatus === 429) return { kind: "unknown", reason };
  }
  return { kind: "accepted" };
}
