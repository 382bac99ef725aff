import { ExporterError } from "@kube-state-mosaic/errors";
import type { Options } from "@kube-state-mosaic/options";
import { stringify } from "yaml";

const meta = "__meta_kube_state_mosaic_";
/** What the field's rules and dashboards select. */
const job = "kube-state-metrics";
const refresh = "10s";

/** `kube-state-mosaic scrape-config`: entries for `scrape_configs` of Prometheus, on standard output. Resolves with 0. */
export async function runScrapeConfig(options: Options, args: readonly string[]): Promise<number> {
  process.stdout.write(stringify(scrapeJobs(options, args[0] ?? "")));
  return 0;
}

/** The jobs of one way to scrape. Throws `SCRAPE_CONFIG_MODE` for one that is not known and `SCRAPE_CONFIG_URL` for what is no URL. */
function scrapeJobs(options: Options, mode: string): object[] {
  const { coordinatorUrl, coordinatorTelemetryUrl, parts, scrapeInterval } = options;
  const seconds = `${Math.max(1, Math.round(scrapeInterval / 1000))}s`;
  const timing = { scrape_interval: seconds, scrape_timeout: seconds };
  const { origin, host, scheme } = addressOf("--coordinator-url", coordinatorUrl);
  // Labels of the samples (namespace, pod, …) are those of the objects, not of the exporter.
  const base = { job_name: job, honor_labels: true, ...timing };
  const found = (path: string, label: string) => ({
    ...base,
    http_sd_configs: [{ url: `${origin}${path}`, refresh_interval: refresh }],
    relabel_configs: [
      { source_labels: [`${meta}${label}`], target_label: label },
      { source_labels: [`${meta}scheme`], target_label: "__scheme__" },
    ],
  });
  const jobs: Record<string, object> = {
    aggregated: { ...base, scheme, static_configs: [{ targets: [host] }] },
    shards: found("/sd", "shard"),
    parts: found(`/sd?parts=${parts}`, "part"),
  };
  const chosen = jobs[mode];
  if (chosen === undefined)
    throw new ExporterError(
      "SCRAPE_CONFIG_MODE",
      `scrape-config ${mode}: not one of ${Object.keys(jobs).join(", ")}; nothing is printed`,
    );
  if (coordinatorTelemetryUrl === "") return [chosen];
  const telemetry = addressOf("--coordinator-telemetry-url", coordinatorTelemetryUrl);
  return [
    chosen,
    {
      job_name: `${job}-telemetry`,
      ...timing,
      scheme: telemetry.scheme,
      static_configs: [{ targets: [telemetry.host] }],
      relabel_configs: [{ target_label: "job", replacement: job }],
    },
  ];
}

function addressOf(flag: string, text: string): { origin: string; host: string; scheme: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ExporterError(
      "SCRAPE_CONFIG_URL",
      `${flag}=${text}: not an http or https URL; nothing is printed`,
    );
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return { origin: url.origin, host: `${url.hostname}:${port}`, scheme: url.protocol.slice(0, -1) };
}
