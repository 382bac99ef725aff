import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import {
  LeaseRegistry,
  RedisRegistry,
  type LeaseRegistryOptions,
  type Registry,
} from "@kube-state-mosaic/registry";

/**
 * The registry that `--registry` names: `lease`, or the address of a Redis, where the members of one StatefulSet share a name.
 * Throws `REDIS_ADDRESS`.
 */
export function registryOf(
  address: string,
  options: Omit<LeaseRegistryOptions, "client"> & { readonly client: ApiClient },
): Registry {
  if (address === "lease") return new LeaseRegistry(options);
  const { client: _, owner: __, namespace, statefulset, ...shared } = options;
  return new RedisRegistry({ ...shared, address, name: `${namespace}/${statefulset}` });
}
