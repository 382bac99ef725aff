import type { Logger } from "@kube-state-mosaic/telemetry";
import { AuthFilter } from "./auth-filter.ts";
import type { ReviewClient } from "./reviews.ts";
import { WebConfigFile, type ReloadMetrics } from "./web-config-file.ts";

export interface SecurityOptions {
  /** `--tls-config`; empty or undefined: plain HTTP without authentication. */
  readonly webConfigFile?: string | undefined;
  /** `--auth-filter`: whom to ask; a client of undefined lets nobody in. */
  readonly authFilter?: { readonly client: ReviewClient | undefined } | undefined;
  readonly logger?: Logger;
  readonly metrics?: ReloadMetrics;
}

/** What stands in front of the servers of a process; handed to each `listen`. */
export interface Security {
  readonly webConfig: WebConfigFile | undefined;
  readonly authFilter: AuthFilter | undefined;
}

/** Reads the web configuration and sets up the filter. Throws `WEB_CONFIG_INVALID` or `WEB_CONFIG_UNREADABLE`. */
export async function secure(options: SecurityOptions): Promise<Security> {
  const { webConfigFile: file, authFilter, logger, metrics } = options;
  return {
    webConfig: file ? await WebConfigFile.open({ file, logger, metrics }) : undefined,
    authFilter: authFilter && new AuthFilter({ client: authFilter.client, logger }),
  };
}
