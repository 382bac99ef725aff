import { ExporterError } from "@kube-state-mosaic/errors";
import { ApiError, type ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Lease } from "./lease-object.ts";
import { leaseRole, type RoleSubject } from "./lease-role.ts";

/** Reads and writes of Leases in one namespace; outcomes that another writer or deleter causes are values. */
export class LeaseClient {
  readonly path: string;
  readonly #client: ApiClient;
  readonly #place: RoleSubject;

  constructor(client: ApiClient, place: RoleSubject) {
    this.#client = client;
    this.#place = place;
    this.path = `/apis/coordination.k8s.io/v1/namespaces/${place.namespace}/leases`;
  }

  /** A consistent read. */
  async get(name: string, signal?: AbortSignal): Promise<Lease | undefined> {
    try {
      return await this.#client.getJson<Lease>(`${this.path}/${name}`, {}, signal);
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw this.explained(error);
    }
  }

  /** Creates the Lease, or with a `resourceVersion` replaces that version of it. Undefined if somebody else was quicker. */
  async put(lease: Lease, signal?: AbortSignal): Promise<Lease | undefined> {
    const { name, resourceVersion } = lease.metadata;
    const options = { body: lease, ...(signal !== undefined && { signal }) };
    try {
      return resourceVersion === undefined
        ? await this.#client.send<Lease>("POST", this.path, options)
        : await this.#client.send<Lease>("PUT", `${this.path}/${name}`, options);
    } catch (error) {
      const status = statusOf(error);
      if (status === 409 || (status === 404 && resourceVersion !== undefined)) return undefined;
      throw this.explained(error);
    }
  }

  /** Deletes this version of a Lease; nothing happens if it is another one by now. */
  async delete(lease: Lease, signal?: AbortSignal): Promise<void> {
    const { name, uid, resourceVersion } = lease.metadata;
    try {
      await this.#client.send("DELETE", `${this.path}/${name}`, {
        body: { preconditions: { uid, resourceVersion } },
        ...(signal !== undefined && { signal }),
      });
    } catch (error) {
      const status = statusOf(error);
      if (status !== 404 && status !== 409) throw this.explained(error);
    }
  }

  /** A refusal for lack of permission becomes one that says what to apply; anything else stays as it is. */
  explained(error: unknown): unknown {
    if (statusOf(error) !== 403) return error;
    return new ExporterError(
      "REGISTRY_FORBIDDEN",
      `this service account may not use Leases in namespace ${this.#place.namespace}; until it may, the shards do not ` +
        `coordinate: a change of their number can double samples for a minute. Apply this Role: ${leaseRole(this.#place)}`,
      { cause: error },
    );
  }
}

/** Whether an error says that permission is missing. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ExporterError && error.code === "REGISTRY_FORBIDDEN";
}

function statusOf(error: unknown): number | undefined {
  return error instanceof ApiError ? error.httpStatus : undefined;
}
