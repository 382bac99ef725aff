import { ApiClient, loadCluster, type ApiClientOptions } from "@kube-state-mosaic/kubernetes";
import { clusterAt } from "./http-settings.ts";
import type { KubernetesConfig } from "./kubernetes-config.ts";

/** How clients are made, whatever cluster they are for. */
export interface ConnectOptions {
  /** Used where a configuration names no API server: `--kubeconfig` and `--apiserver`. Default: the cluster this pod runs in. */
  readonly kubeconfig?: string;
  readonly apiserver?: string;
  readonly client?: Omit<ApiClientOptions, "cluster">;
}

/** The client for a configuration's API server. Rejects with what `loadCluster` throws. */
export async function connect(
  config: KubernetesConfig,
  options: ConnectOptions,
): Promise<ApiClient> {
  const { apiServer, kubeconfigFile, http } = config;
  const cluster =
    apiServer !== undefined
      ? clusterAt(apiServer, http)
      : await loadCluster(
          kubeconfigFile !== undefined
            ? { kubeconfig: kubeconfigFile }
            : { kubeconfig: options.kubeconfig, apiserver: options.apiserver },
        );
  if (apiServer !== undefined) await cluster.authenticate();
  return new ApiClient({ ...options.client, cluster });
}
