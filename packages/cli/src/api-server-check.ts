import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { ApiError, type ApiClient } from "@kube-state-mosaic/kubernetes";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { setTimeout as delay } from "node:timers/promises";

export interface ApiServerCheck {
  readonly client: ApiClient;
  /** URL, for messages. */
  readonly server: string;
  /** Milliseconds the API server may stay unreachable. */
  readonly timeoutMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** TLS failures that no waiting mends: the certificate or the trust in it is wrong. */
const certificateFault =
  /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;
const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * Waits until the API server answers `/version`; answers its version.
 * Unreachable: tried again with growing pauses until the time is over, then `API_SERVER_UNREACHABLE`.
 * Refused credentials and certificates that do not fit throw at once: they do not mend by waiting.
 */
export async function awaitApiServer(check: ApiServerCheck): Promise<string> {
  const { client, server, timeoutMs, logger, signal } = check;
  const deadline = performance.now() + timeoutMs;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    try {
      const { gitVersion } = await client.getJson<{ gitVersion: string }>("/version", {}, signal);
      return gitVersion;
    } catch (error) {
      if (signal.aborted) return "";
      const reason = messageOf(error);
      if (error instanceof ApiError && error.httpStatus === 401)
        throw new ExporterError(
          "API_SERVER_UNAUTHORIZED",
          `the API server ${server} does not accept the credentials (401 Unauthorized): check the token or certificate of --kubeconfig, or the pod's service account`,
          { cause: error },
        );
      // It answered: what it refuses here (403) or cannot do yet is the reflectors' business.
      if (error instanceof ApiError && error.httpStatus === 403) return "unknown";
      if (isCertificateFault(error))
        throw new ExporterError(
          "API_SERVER_CERTIFICATE",
          `the certificate of the API server ${server} is not accepted (${reason}): check certificate-authority in --kubeconfig`,
          { cause: error },
        );
      const left = deadline - performance.now();
      if (left <= 0)
        throw new ExporterError(
          "API_SERVER_UNREACHABLE",
          `the API server ${server} could not be reached within ${timeoutMs / 1000} s (--startup-timeout): ${reason}`,
          { cause: error },
        );
      logger.warn("the API server cannot be reached yet", {
        server,
        reason,
        retrySeconds: pause / 1000,
      });
      await delay(Math.min(pause, left), undefined, { signal }).catch(() => undefined);
    }
  }
}

function isCertificateFault(error: unknown): boolean {
  const code = error instanceof ExporterError ? String(error.context["errorCode"] ?? "") : "";
  return certificateFault.test(code);
}
