import { ExporterError } from "@kube-state-mosaic/errors";

/** What `work` gives, or the code of its `WIRE_…` error; any other error is thrown on. */
export function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExporterError && error.code.startsWith("WIRE_")) return error.code;
    throw error;
  }
}
