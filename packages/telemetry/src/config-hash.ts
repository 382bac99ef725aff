import { createHash } from "node:crypto";

/**
 * The value of `kube_state_metrics_config_hash`: the first 6 bytes of the MD5 digest of a file's bytes as a little-endian
 * integer, so that it fits a double exactly. Says whether two files differ, nothing more.
 */
export function configHash(content: Uint8Array): number {
  return createHash("md5").update(content).digest().readUIntLE(0, 6);
}
