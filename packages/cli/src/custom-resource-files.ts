import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  readConfiguration,
  type Configuration,
  type ConfigurationSource,
} from "@kube-state-mosaic/custom-resource-state";
import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { Options } from "@kube-state-mosaic/options";

/** The flags that name a configuration. */
export type CustomResourceOptions = Pick<
  Options,
  | "customResourceStateConfig"
  | "customResourceStateConfigFile"
  | "continueWithoutCustomResourceStateConfigFile"
>;

export interface CustomResourceFile {
  readonly path: string;
  readonly content: Buffer;
}

/** Throws with the code ENOENT where there is no file. */
export type ReadFile = (path: string) => Buffer;

/** What the flags say about custom resources, read and checked. */
export interface CustomResourceSetup {
  readonly configuration: Configuration;
  /** Empty when the only one does not exist yet. */
  readonly files: readonly CustomResourceFile[];
}

/**
 * Reads the configuration that the flags name; undefined when they name none, and custom resources are off. Inline text wins over
 * files, which have to exist all the same. Throws an ExporterError `CUSTOM_RESOURCE_CONFIG_…` with everything that is wrong.
 */
export function readCustomResourceSetup(
  options: CustomResourceOptions,
  files: readonly CustomResourceFile[] = readCustomResourceFiles(options),
): CustomResourceSetup | undefined {
  const { customResourceStateConfig: inline, customResourceStateConfigFile: path } = options;
  if (inline === "" && path === "") return undefined;
  const sources: ConfigurationSource[] =
    inline === ""
      ? files.map(({ path: name, content }) => ({ name, text: content.toString("utf8") }))
      : [{ name: "--custom-resource-state-config", text: inline }];
  return { configuration: readConfiguration(sources), files };
}

/** The files that the flags name, read by `read`. Throws `CUSTOM_RESOURCE_CONFIG_UNREADABLE` for one that cannot be read and is not allowed to be missing. */
export function readCustomResourceFiles(
  options: CustomResourceOptions,
  read: ReadFile = readFileSync,
): readonly CustomResourceFile[] {
  const { customResourceStateConfigFile: path } = options;
  if (path === "") return [];
  return customResourceFilesOf(path).flatMap((file) => {
    try {
      return [{ path: file, content: read(file) }];
    } catch (error) {
      const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (isMissing && options.continueWithoutCustomResourceStateConfigFile) return [];
      throw new ExporterError(
        "CUSTOM_RESOURCE_CONFIG_UNREADABLE",
        isMissing
          ? `--custom-resource-state-config-file=${path}: ${file} does not exist; create it or add --continue-without-custom-resource-state-config-file`
          : `--custom-resource-state-config-file=${path}: ${file} cannot be read: ${messageOf(error)}`,
        { cause: error, context: { path: file } },
      );
    }
  });
}

/** A file, the YAML and JSON files of a directory by name, or several of both with commas between them. */
export function customResourceFilesOf(path: string): string[] {
  if (path === "") return [];
  const paths = existsSync(path) ? [path] : path.split(",").map((part) => part.trim());
  return paths.flatMap((part) => {
    if (!existsSync(part) || !statSync(part).isDirectory()) return [part];
    return readdirSync(part)
      .filter((name) => /^[^.].*\.(?:ya?ml|json)$/.test(name))
      .toSorted()
      .map((name) => join(part, name));
  });
}
