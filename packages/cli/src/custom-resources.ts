import { normalize } from "node:path";
import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import {
  configHash,
  customResourceMetrics,
  type Logger,
  type ReferenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { CustomResources, type Worker } from "@kube-state-mosaic/worker";
import { readCustomResourceSetup, type CustomResourceSetup } from "./custom-resource-files.ts";

export interface CustomResourcesContext {
  readonly worker: Worker;
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly reference: ReferenceMetrics;
  readonly startJitterMs: number;
}

/**
 * The custom resources of a worker, to be run beside it; undefined when the flags name none. The worker is not ready before the
 * cluster's definitions are known. Throws what `readCustomResourceSetup` throws.
 */
export function customResourcesOf(
  options: Options,
  { worker, client, logger, telemetry, reference, startJitterMs }: CustomResourcesContext,
): CustomResources | undefined {
  // They show 0 where custom resources are off.
  const metrics = customResourceMetrics(telemetry);
  const setup = readCustomResourceSetup(options);
  if (setup === undefined) return undefined;
  for (const warning of setup.configuration.warnings)
    logger.warn("custom resource configuration", { warning });
  showFiles(setup, reference);
  const custom = new CustomResources(setup.configuration, {
    host: worker,
    client,
    logger,
    metrics,
    reference,
    verbosity: options.verbosity,
    startJitterMs,
  });
  worker.awaits(custom);
  return custom;
}

/** Sets the reference's metrics of configuration files; all of these files have been read and can be used. */
function showFiles({ files }: CustomResourceSetup, reference: ReferenceMetrics): void {
  for (const { path, content } of files) {
    const labels = { filename: normalize(path), type: "customresourceconfig" };
    reference.configHash.set(configHash(content), labels);
    reference.lastConfigReloadSuccessful.set(1, labels);
    reference.lastConfigReloadSuccessTimestamp.set(Math.floor(Date.now() / 1000), labels);
  }
}
