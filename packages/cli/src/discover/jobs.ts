import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { parseConfiguration, type Job } from "@kube-state-mosaic/discovery";
import type { Options } from "@kube-state-mosaic/options";
import { readFile, stat } from "node:fs/promises";

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

/** Changes when the file does, also when a mounted ConfigMap is exchanged under it. */
export async function fileVersion(path: string): Promise<string> {
  if (path === "") return "";
  const facts = await stat(path).catch(() => undefined);
  return facts === undefined ? "missing" : `${facts.ino} ${facts.mtimeMs} ${facts.size}`;
}
