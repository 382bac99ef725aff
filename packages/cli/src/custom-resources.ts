import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import {
  customResourceMetrics,
  type Logger,
  type ReferenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { CustomResources, type Worker } from "@kube-state-mosaic/worker";
import { readCustomResourceSetup } from "./custom-resource-files.ts";
import { CustomResourceReload } from "./custom-resource-reload.ts";

export interface CustomResourcesContext {
  readonly worker: Worker;
  readonly client: ApiClient;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly reference: ReferenceMetrics;
  readonly startJitterMs: number;
}

/**
 * The custom resources of a worker, to be run beside it, following their files; undefined when the flags name none. The worker is not ready before the
 * cluster's definitions are known. Throws what `readCustomResourceSetup` throws.
 */
export function customResourcesOf(
  options: Options,
  { worker, client, logger, telemetry, reference, startJitterMs }: CustomResourcesContext,
): { run(signal: AbortSignal): Promise<unknown> } | undefined {
  // They show 0 where custom resources are off.
  const metrics = customResourceMetrics(telemetry);
  const setup = readCustomResourceSetup(options);
  if (setup === undefined) return undefined;
  for (const warning of setup.configuration.warnings)
    logger.warn("custom resource configuration", { warning });
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
  const reload = new CustomResourceReload(options, setup.files, {
    target: custom,
    logger,
    reference,
  });
  return { run: (signal) => Promise.all([custom.run(signal), reload.run(signal)]) };
}
