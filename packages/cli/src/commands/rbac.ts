import { resources } from "@kube-state-mosaic/metric-families";
import type { Options } from "@kube-state-mosaic/options";
import { readCustomResourceSetup } from "../custom-resource-files.ts";
import { rbacManifest } from "../rbac/manifest.ts";
import { configuredResource, permissionsOf, type ReadResource } from "../rbac/rules.ts";
import { loadResourceModules } from "../resource-modules.ts";

/** Where the ServiceAccount is unless --pod-namespace says otherwise; as the manifests have it. */
const defaultNamespace = "kube-system";

/** `kube-state-mosaic rbac`: on standard output, the permissions that a worker with the same flags uses. */
export async function runRbac(options: Options): Promise<number> {
  const modules = await loadResourceModules(options.resourceModule);
  const enabled = options.resources.flatMap((name): ReadResource[] => {
    const resource = modules.get(name) ?? resources[name];
    if (resource === undefined) return [];
    const { group, path, namespaced } = resource;
    return [{ group, plural: path.slice(path.lastIndexOf("/") + 1), namespaced }];
  });
  const setup = readCustomResourceSetup(options);
  const configured = setup?.configuration.resources ?? [];
  const custom = configured.map(configuredResource);
  for (const { kind, plural, where } of configured)
    if (kind !== "*" && plural === "")
      console.error(
        `warning: ${where}: the plural of ${kind} is guessed; compare it with the resource definition, or write resourcePlural`,
      );
  const permissions = permissionsOf([...enabled, ...custom], setup !== undefined, options);
  process.stdout.write(rbacManifest(permissions, options.podNamespace || defaultNamespace));
  return 0;
}
