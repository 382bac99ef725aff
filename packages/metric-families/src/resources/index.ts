import type { Resource } from "../resource.ts";
import { deployments } from "./deployment.ts";
import { namespaces } from "./namespace.ts";
import { nodes } from "./node.ts";
import { pods } from "./pod.ts";

/** Every built-in resource by its plural name, in exposition order. */
export const resources: Readonly<Record<string, Resource<never>>> = {
  deployments: erased(deployments),
  namespaces: erased(namespaces),
  nodes: erased(nodes),
  pods: erased(pods),
};

/**
 * Forgets the object's type, so that tables of all kinds fit one list. Sound as long as what is rendered was decoded with the
 * same resource's schema, which is the only way to come by a value that fits.
 */
function erased<T>(resource: Resource<T>): Resource<never> {
  return resource as unknown as Resource<never>;
}
