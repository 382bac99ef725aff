import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { parseConfiguration, type Job } from "@kube-state-mosaic/discovery";
import type { Options } from "@kube-state-mosaic/options";
import { readFile } from "node:fs/promises";
import type { FileContents } from "../file-watch.ts";

/** The jobs that the flags name. Throws `DISCOVERY_CONFIG_MISSING`, `DISCOVERY_CONFIG_UNREADABLE` or `DISCOVERY_CONFIG_INVALID`. */
export async function readJobs({ discoveryConfig, role }: Options): Promise<readonly Job[]> {
  if ((discoveryConfig === "") === (role.length === 0))
    throw new ExporterError(
      "DISCOVERY_CONFIG_MISSING",
      "discover needs either --discovery-config=FILE or --role=ROLE,…",
    );
  if (role.length > 0) {
    const jobs = role.map((name) => ({
      job_name: name,
      kubernetes_sd_configs: [{ role: name }],
    }));
    return parseConfiguration(JSON.stringify({ jobs }), "--role");
  }
  let content: string;
  try {
    content = await readFile(discoveryConfig, "utf8");
  } catch (cause) {
    throw new ExporterError(
      "DISCOVERY_CONFIG_UNREADABLE",
      `--discovery-config=${discoveryConfig} cannot be read: ${messageOf(cause)}`,
      { cause },
    );
  }
  return parseConfiguration(content, discoveryConfig);
}

/** The configuration file's content, for those who watch it. */
export async function configFile({ discoveryConfig }: Options): Promise<FileContents> {
  if (discoveryConfig === "") return new Map();
  return new Map([[discoveryConfig, await readFile(discoveryConfig).catch(() => undefined)]]);
}
