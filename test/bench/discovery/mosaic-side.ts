import {
  connect,
  Discovery,
  discoveryMetrics,
  parseConfiguration,
  Publication,
} from "@kube-state-mosaic/discovery";
import { createLogger, createTelemetry } from "@kube-state-mosaic/telemetry";
import type { Side } from "./side.ts";

/** Discovery as `discover` runs it, without its servers. */
export async function mosaicSide(url: string, roles: readonly string[]): Promise<Side> {
  let groups = 0;
  let onGroup = (): void => undefined;
  const metrics = discoveryMetrics(createTelemetry());
  const discovery = new Discovery({
    connect: (config) => connect(config, { apiserver: url }),
    logger: createLogger({ format: "text", level: "error" }),
    metrics: {
      ...metrics,
      receivedUpdates: {
        add: (count) => {
          groups += count;
          onGroup();
        },
      },
    },
  });
  const jobs = roles.map((role) => ({ job_name: role, kubernetes_sd_configs: [{ role }] }));
  await discovery.apply(parseConfiguration(JSON.stringify({ jobs }), "bench"));
  const isComplete = (): boolean =>
    [...discovery.state().values()].every(({ complete }) => complete);
  while (!isComplete()) await new Promise((resolve) => setTimeout(resolve, 5));
  const publication = new Publication({ relabeled: false });
  return {
    get groups() {
      return groups;
    },
    nextChange: () => new Promise((resolve) => (onGroup = resolve)),
    publish: () => {
      publication.update(discovery.state());
      const list = publication.list("pod");
      if (list.kind !== "list") throw new Error("the pods are not complete");
      return list.body();
    },
  };
}
