import { messageOf } from "@kube-state-mosaic/errors";
import { customResource, resolve } from "@kube-state-mosaic/custom-resource-state";
import type { Resource } from "@kube-state-mosaic/metric-families";
import type { Options } from "@kube-state-mosaic/options";
import { jumpOwnership } from "@kube-state-mosaic/sharding";
import { readCustomResourceSetup } from "../custom-resource-files.ts";
import type { ReportInvalid } from "../module.ts";
import { familyConfigFor } from "../family-config.ts";
import { Exposition, type ObjectKind } from "../render/exposition.ts";
import { readDump } from "../render/read-dump.ts";
import { loadResourceModules, resourceNamed } from "../resource-modules.ts";

/**
 * `kube-state-mosaic render`: the exposition of a dump on standard output. The exit code is 1 when anything could not be read;
 * without `--keep-going` nothing is printed then.
 */
export async function runRender(options: Options): Promise<number> {
  if (options.filename.length === 0) {
    console.error(
      "error: render needs --filename (-f) with a file, a directory, or - for standard input",
    );
    return 1;
  }
  const modules = await loadResourceModules(options.resourceModule);
  const exposition = new Exposition({
    resources: options.resources.flatMap(
      (name) => resourceNamed(name, modules, reportInvalid) ?? [],
    ),
    customResources: customResources(options),
    familyConfig: (resource) => familyConfigFor(options, resource),
    familyFilter: ({ name, optIn }) => options.metricFilter(name, optIn),
    namespaces: options.namespaces,
    namespacesDenylist: options.namespacesDenylist,
    ownership: jumpOwnership(options.shard, options.totalShards),
  });
  const unknown = new Map<string, number>();
  let faults = 0;
  for await (const found of readDump(options.filename)) {
    try {
      if ("fault" in found) throw new Error(found.fault);
      if (exposition.add(found.value) !== "unknown-kind") continue;
      const kind = `${String(found.value["apiVersion"])} ${String(found.value["kind"])}`;
      unknown.set(kind, (unknown.get(kind) ?? 0) + 1);
    } catch (error) {
      faults++;
      console.error(`error: ${found.where}: ${messageOf(error)}`);
      if (!options.keepGoing) return 1;
    }
  }
  for (const [kind, count] of unknown)
    console.error(`warning: ${count} × ${kind} left out: not among the resources that are exposed`);
  await print(exposition.text());
  return faults === 0 ? 0 : 1;
}

/** A reader that has seen enough (`render | head`) ends the printing, and is no error. */
async function print(texts: Iterable<string>): Promise<void> {
  const { stdout } = process;
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on("error", (error) => {
    failure = error;
    stdout.emit("drain");
  });
  for (const text of texts) {
    if (!stdout.write(text)) await new Promise((resolve) => stdout.once("drain", resolve));
    if (failure?.code === "EPIPE") return;
    if (failure !== undefined) throw failure;
  }
}

/** What the custom resource configuration makes of a kind. A dump need not hold its definition, so the plural is made up; it shows nowhere. */
function customResources(options: Options): (kind: ObjectKind) => readonly Resource<never>[] {
  const setup = readCustomResourceSetup(options);
  if (setup === undefined) return () => [];
  for (const warning of setup.configuration.warnings) console.error(`warning: ${warning}`);
  return (kind) => {
    const plural = `${kind.kind.toLowerCase()}s`;
    const { matches } = resolve(setup.configuration, [{ ...kind, plural }]);
    return [...matches.values()].map((match) => {
      const resource = customResource(match.configured, match.kind, (error) => {
        if (options.verbosity < error.errorLogV) return;
        const { namespace, name, metric, message } = error;
        console.error(`warning: ${kind.kind} ${namespace}/${name}: ${metric}: ${message}`);
      });
      // Forgets the object's type; schema and families of one resource belong together.
      return resource as unknown as Resource<never>;
    });
  };
}

function reportInvalid(resource: string): ReportInvalid {
  return ({ object, field }) =>
    console.error(
      `warning: ${resource} ${object.metadata.name}: ${field} cannot be read and counts as 0`,
    );
}
