import type { Configuration } from "@kube-state-mosaic/custom-resource-state";
import type { ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Options } from "@kube-state-mosaic/options";
import {
  customResourceMetrics,
  type CustomResourceMetrics,
  type Logger,
  type ReferenceMetrics,
  type Telemetry,
} from "@kube-state-mosaic/telemetry";
import { CustomResources, type Worker } from "@kube-state-mosaic/worker";
import { readCustomResourceSetup, type ReadFile } from "./custom-resource-files.ts";
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
 * The custom resources of a worker, to be run beside it. With those that the flags name at the start, the worker is not ready before the
 * cluster's definitions are known; what is configured later holds up nothing.
 */
export class ConfiguredCustomResources {
  readonly #context: CustomResourcesContext;
  readonly #metrics: CustomResourceMetrics;
  readonly #reload: CustomResourceReload;
  readonly #fault = Promise.withResolvers<never>();
  #options: Options;
  #custom: CustomResources | undefined;
  #signal: AbortSignal | undefined;
  #running: Promise<void> = Promise.resolve();

  /** Throws what `readCustomResourceSetup` throws. */
  constructor(options: Options, context: CustomResourcesContext) {
    const { worker, logger, telemetry, reference } = context;
    this.#options = options;
    this.#context = context;
    // They show 0 where custom resources are off.
    this.#metrics = customResourceMetrics(telemetry);
    this.#fault.promise.catch(() => undefined);
    const setup = readCustomResourceSetup(options);
    for (const warning of setup?.configuration.warnings ?? [])
      logger.warn("custom resource configuration", { warning });
    if (setup !== undefined) {
      this.#custom = this.#made(setup.configuration, worker);
      worker.awaits(this.#custom);
    }
    this.#reload = new CustomResourceReload(options, setup?.files ?? [], {
      target: this,
      logger,
      reference,
    });
  }

  /** The files of the flags in force have changed. */
  changed(read: ReadFile): void {
    this.#reload.changed(read);
  }

  /** Other flags are in force. */
  use(options: Options, read: ReadFile): void {
    this.#options = options;
    this.#reload.use(options, read);
  }

  /** Other flags are in force, of which none is about the configuration. */
  setVerbosity(options: Options): void {
    this.#options = options;
  }

  configure(configuration: Configuration): void {
    if (this.#custom !== undefined) return this.#custom.configure(configuration);
    if (configuration.resources.length === 0) return;
    const { worker } = this.#context;
    // The exposition is complete without them until they have come.
    this.#custom = this.#made(configuration, {
      add: (resource) => worker.addBeside(resource),
      addBeside: (resource, instead) => worker.addBeside(resource, instead),
      remove: (name) => worker.remove(name),
    });
    this.#start();
  }

  /** Watches the definitions, if anything is or will be configured, until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#start();
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
    await Promise.race([promise, this.#fault.promise]);
    await this.#running;
  }

  #start(): void {
    if (this.#custom === undefined || this.#signal === undefined) return;
    this.#running = this.#custom.run(this.#signal);
    this.#running.catch(this.#fault.reject);
  }

  #made(
    configuration: Configuration,
    host: ConstructorParameters<typeof CustomResources>[1]["host"],
  ): CustomResources {
    const { client, logger, reference, startJitterMs } = this.#context;
    const verbosity = (): number => this.#options.verbosity;
    return new CustomResources(configuration, {
      host,
      client,
      logger,
      metrics: this.#metrics,
      reference,
      get verbosity() {
        return verbosity();
      },
      startJitterMs,
    });
  }
}
