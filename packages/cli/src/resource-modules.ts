import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { resources, type Resource } from "@kube-state-mosaic/metric-families";
import type { Logger, Telemetry } from "@kube-state-mosaic/telemetry";
import { withReport, type DefinedResource } from "./module/define-resource.ts";
import type { ReportInvalid } from "./module/amount.ts";

/** What modules import, whoever imports it: a module need not lie where Node would find the program's packages. */
const specifier = "kube-state-mosaic/module";

/** The resources of modules by name. */
export type ModuleResources = ReadonlyMap<string, DefinedResource<never>>;

/**
 * Loads the modules and checks what they define against each other and the built-in resources. Loading one again gives the same.
 * Throws an ExporterError `RESOURCE_MODULE_INVALID` with everything that is wrong in the first module that cannot be used.
 */
export async function loadResourceModules(paths: readonly string[]): Promise<ModuleResources> {
  const loaded = new Map<string, DefinedResource<never>>();
  if (paths.length === 0) return loaded;
  provideLanguage();
  const owners = familyOwners();
  for (const path of paths) {
    const found = await definedIn(path);
    const faults = found.length === 0 ? ["it exports nothing that defineResource() made"] : [];
    for (const resource of found) {
      faults.push(...faultsOf(resource, { loaded, owners }));
      loaded.set(resource.name, resource);
    }
    if (faults.length > 0) throw invalid(path, faults.join("; "));
  }
  return loaded;
}

/** The resource of a name among the built-in ones and those of modules. */
export function resourceNamed(
  name: string,
  modules: ModuleResources,
  invalid: (resource: string) => ReportInvalid,
): Resource<never> | undefined {
  const defined = modules.get(name);
  return defined === undefined ? resources[name] : withReport(defined, invalid(name));
}

/** Counts values of objects that cannot be read, and logs the object's name; never the value, which may be anything. */
export function invalidValueReports(
  telemetry: Telemetry,
  logger: Logger,
): (resource: string) => ReportInvalid {
  const count = telemetry.counter({
    name: "kube_state_mosaic_invalid_values_total",
    help: "Values of objects that a resource module could not read.",
    labels: ["resource", "field"],
  });
  return (resource) =>
    ({ object, field }) => {
      const { name, namespace } = object.metadata;
      count.add(1, { resource, field });
      logger.warn("a value cannot be read and counts as 0", {
        resource,
        field,
        name,
        ...(namespace !== "" && { namespace }),
      });
    };
}

let isProvided = false;

/** Resolves the import of the table language to the one of this program, from source as well as bundled. */
function provideLanguage(): void {
  if (isProvided) return;
  isProvided = true;
  const file = import.meta.url.endsWith(".ts") ? "./module.ts" : "./module.mjs";
  const { href } = new URL(file, import.meta.url);
  registerHooks({
    resolve: (request, context, next) =>
      request === specifier ? { url: href, shortCircuit: true } : next(request, context),
  });
}

async function definedIn(path: string): Promise<DefinedResource<never>[]> {
  if (!existsSync(path)) throw invalid(path, "the file does not exist");
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(resolve(path)).href)) as Record<string, unknown>;
  } catch (error) {
    throw invalid(path, messageOf(error), error);
  }
  return [...new Set(Object.values(exported))].filter(isDefinedResource);
}

/** By shape, so that a module may also bring a language of its own, of the same version. */
function isDefinedResource(value: unknown): value is DefinedResource<never> {
  return (
    typeof value === "object" &&
    value !== null &&
    ["name", "kind", "path", "plural", "version"].every(
      (key) => typeof (value as Record<string, unknown>)[key] === "string",
    ) &&
    "schema" in value &&
    "identity" in value &&
    "families" in value &&
    typeof value.families === "function"
  );
}

interface Surroundings {
  readonly loaded: ModuleResources;
  /** Which resource has a family of a name. */
  readonly owners: Map<string, string>;
}

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What would make the exposition ambiguous or unreadable. */
function faultsOf(resource: DefinedResource<never>, { loaded, owners }: Surroundings): string[] {
  const { name, identity } = resource;
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    return [`"${name}" is no name for a resource: lower-case letters, digits and - make one`];
  if (name in resources) return [`the resource ${name} is built in: set another \`name\``];
  if (loaded.has(name)) return [`the resource ${name} is defined twice: set another \`name\``];
  let families: ReturnType<typeof resource.families>;
  try {
    families = resource.families({
      labelsAllowList: [],
      annotationsAllowList: [],
      invalid: () => undefined,
    });
  } catch (error) {
    return [`families of ${name} fails: ${messageOf(error)}`];
  }
  const faults: string[] = [];
  for (const family of families) {
    const owner = owners.get(family.name);
    if (owner !== undefined) faults.push(`${family.name} is a family of ${owner} already`);
    owners.set(family.name, name);
    if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(family.name))
      faults.push(`"${family.name}" is no metric name`);
    const labels = [...Object.keys(identity), ...family.labelNames];
    for (const label of new Set(labels)) {
      if (!labelName.test(label)) faults.push(`${family.name}: "${label}" is no label name`);
      if (labels.indexOf(label) !== labels.lastIndexOf(label))
        faults.push(`${family.name} has the label ${label} twice`);
    }
  }
  return faults;
}

function familyOwners(): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name, families } of Object.values(resources))
    for (const family of families({ labelsAllowList: [], annotationsAllowList: [] }))
      owners.set(family.name, name);
  return owners;
}

function invalid(path: string, reason: string, cause?: unknown): ExporterError {
  return new ExporterError("RESOURCE_MODULE_INVALID", `--resource-module=${path}: ${reason}`, {
    cause,
    context: { path },
  });
}
