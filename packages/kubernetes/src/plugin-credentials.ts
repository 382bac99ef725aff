import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import type { KubeConfig } from "@kubernetes/client-node";
import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";

/**
 * Tokens of a kubeconfig's auth-provider (oidc, gcp, azure), which @kubernetes/client-node refreshes.
 * That library costs about 0.4 s and 90 MB, so it is loaded only for such users.
 */
export class PluginCredentials {
  readonly #file: string;
  #config: KubeConfig | undefined;
  #running: Promise<string | undefined> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The Authorization header; throws CREDENTIAL_PLUGIN_FAILED. Calls at the same time share one run. */
  authorization(): Promise<string | undefined> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** The server refused the token: the file is read and the provider asked again. */
  drop(): void {
    this.#config = undefined;
  }

  async #run(): Promise<string | undefined> {
    try {
      this.#config ??= await loaded(this.#file);
      const options: RequestOptions = {};
      await this.#config.applyToHTTPSOptions(options);
      // client-node only ever makes it a record.
      const headers = options.headers as OutgoingHttpHeaders | undefined;
      const value = headers?.["Authorization"];
      return typeof value === "string" ? value.trim() : undefined;
    } catch (cause) {
      throw new ExporterError(
        "CREDENTIAL_PLUGIN_FAILED",
        `the auth-provider in kubeconfig ${this.#file} gave no token: ${messageOf(cause)}`,
        { cause, context: { file: this.#file } },
      );
    }
  }
}

async function loaded(file: string): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  config.loadFromFile(file);
  return config;
}
