import { createHash } from "node:crypto";
import { normalize } from "node:path";
import type { Configuration } from "@kube-state-mosaic/custom-resource-state";
import { messageOf } from "@kube-state-mosaic/errors";
import { configHash, type Logger, type ReferenceMetrics } from "@kube-state-mosaic/telemetry";
import {
  readCustomResourceFiles,
  readCustomResourceSetup,
  type CustomResourceFile,
  type CustomResourceOptions,
  type ReadFile,
} from "./custom-resource-files.ts";

export interface CustomResourceReloadContext {
  /** What takes a changed configuration. */
  readonly target: { configure(configuration: Configuration): void };
  readonly logger: Logger;
  readonly reference: Pick<
    ReferenceMetrics,
    "configHash" | "lastConfigReloadSuccessful" | "lastConfigReloadSuccessTimestamp"
  >;
}

/**
 * Reads the files of the custom resource configuration again when they have changed: a write, a file that appears, the symlink swap of a
 * mounted ConfigMap. What cannot be used changes nothing, is logged once and shows in the metrics.
 */
export class CustomResourceReload {
  #options: CustomResourceOptions;
  readonly #context: CustomResourceReloadContext;
  /** Of the content that was taken into use or refused last. */
  #settled: string;
  /** Of the content at the last look: only what is the same twice is whole, a writer may be at work. */
  #seen: string;
  #complaint = "";
  /** Files that the metrics show. */
  #shown: readonly string[] = [];

  /** `files` are those whose content is in use. */
  constructor(
    options: CustomResourceOptions,
    files: readonly CustomResourceFile[],
    context: CustomResourceReloadContext,
  ) {
    this.#options = options;
    this.#context = context;
    this.#settled = this.#seen = keyOf(files);
    this.#show(files);
  }

  /** What other flags name is taken over at once. */
  use(options: CustomResourceOptions, read?: ReadFile): void {
    this.#options = options;
    this.#settled = "";
    this.changed(read);
  }

  /** Takes over a change that is known to be whole. */
  changed(read?: ReadFile): void {
    this.look(read);
    this.look(read);
  }

  /** Takes a change over at the second look that finds it. */
  look(read?: ReadFile): void {
    let files: readonly CustomResourceFile[];
    try {
      files = readCustomResourceFiles(this.#options, read);
    } catch (error) {
      return this.#complain(messageOf(error));
    }
    const key = keyOf(files);
    const isStable = key === this.#seen;
    this.#seen = key;
    if (key === this.#settled) this.#complaint = "";
    if (!isStable || key === this.#settled) return;
    const { customResourceStateConfig: inline, customResourceStateConfigFile: path } =
      this.#options;
    if (files.length === 0 && inline === "" && path !== "")
      return this.#complain("no file is left");
    this.#settled = key;
    this.#load(files);
  }

  #load(files: readonly CustomResourceFile[]): void {
    const { target, logger, reference } = this.#context;
    try {
      const setup = readCustomResourceSetup(this.#options, files);
      for (const warning of setup?.configuration.warnings ?? [])
        logger.warn("custom resource configuration", { warning });
      target.configure(setup?.configuration ?? { resources: [], warnings: [] });
    } catch (error) {
      this.#shown = [...new Set([...this.#shown, ...files.map(({ path }) => path)])];
      for (const { path } of files) reference.lastConfigReloadSuccessful.set(0, labelsOf(path));
      return this.#complain(messageOf(error));
    }
    this.#complaint = "";
    this.#show(files);
    logger.info("the changed custom resource configuration is in use", {
      files: files.map(({ path }) => path).join() || undefined,
    });
  }

  #complain(error: string): void {
    if (error === this.#complaint) return;
    this.#complaint = error;
    this.#context.logger.error(
      "the changed custom resource configuration is not used; the one before stays in force",
      { error },
    );
  }

  /** Sets the reference's metrics of configuration files; these have been read and are in use. */
  #show(files: readonly CustomResourceFile[]): void {
    const { reference } = this.#context;
    const paths = files.map(({ path }) => path);
    for (const path of this.#shown.filter((shown) => !paths.includes(shown))) {
      reference.configHash.remove(labelsOf(path));
      reference.lastConfigReloadSuccessful.remove(labelsOf(path));
      reference.lastConfigReloadSuccessTimestamp.remove(labelsOf(path));
    }
    this.#shown = paths;
    for (const { path, content } of files) {
      reference.configHash.set(configHash(content), labelsOf(path));
      reference.lastConfigReloadSuccessful.set(1, labelsOf(path));
      reference.lastConfigReloadSuccessTimestamp.set(Date.now() / 1000, labelsOf(path));
    }
  }
}

function labelsOf(path: string): { filename: string; type: string } {
  return { filename: normalize(path), type: "customresourceconfig" };
}

function keyOf(files: readonly CustomResourceFile[]): string {
  const hash = createHash("sha256");
  for (const { path, content } of files)
    hash.update(`${path}\0${content.length}\0`).update(content);
  return hash.digest("hex");
}
