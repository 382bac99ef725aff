import { normalize } from "node:path";
import { configHash, type ReferenceMetrics } from "@kube-state-mosaic/telemetry";

export type FileGauges = Pick<
  ReferenceMetrics,
  "configHash" | "lastConfigReloadSuccessful" | "lastConfigReloadSuccessTimestamp"
>;

/** The reference's metrics about configuration files, for those of one type. */
export class FileMetrics {
  readonly #gauges: FileGauges;
  readonly #type: string;

  constructor(gauges: FileGauges, type: "config" | "kubeconfig") {
    this.#gauges = gauges;
    this.#type = type;
  }

  /** The file is in use. Without its content no hash is shown: that of a file with secrets would help to guess them. */
  loaded(path: string, content?: Uint8Array): void {
    const labels = { filename: normalize(path), type: this.#type };
    if (content !== undefined) this.#gauges.configHash.set(configHash(content), labels);
    this.#gauges.lastConfigReloadSuccessful.set(1, labels);
    this.#gauges.lastConfigReloadSuccessTimestamp.set(Date.now() / 1000, labels);
  }

  /** The file cannot be used. */
  failed(path: string): void {
    const labels = { filename: normalize(path), type: this.#type };
    this.#gauges.lastConfigReloadSuccessful.set(0, labels);
  }
}
