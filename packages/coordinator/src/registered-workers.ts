import { messageOf } from "@kube-state-mosaic/errors";
import type { Registry } from "@kube-state-mosaic/registry";
import { compareStates, parseLayoutState, type LayoutState } from "@kube-state-mosaic/sharding";
import type { Logger } from "@kube-state-mosaic/telemetry";
import type { WorkerSource } from "./worker-source.ts";

/**
 * Workers that announce themselves in a registry, and the layouts stored there. A layout once seen stays when the registry is away,
 * or has lost it: epochs never go backwards.
 */
export function registeredWorkers(
  registry: Pick<Registry, "watchLayout" | "watchMembers" | "members">,
  logger: Pick<Logger, "warn">,
): WorkerSource {
  let layout: LayoutState | undefined;
  let problem: string | undefined = "no layout has been read yet";
  return {
    current: () => ({
      layout,
      problem: layout === undefined ? problem : undefined,
      workers: registry.members().map(({ ordinal, record, freshness }) => ({
        ordinal,
        url: record.address.replace(/\/+$/, ""),
        record: { ...record, freshness },
      })),
    }),
    watch: (signal) => {
      registry.watchLayout((stored) => {
        if (stored === undefined || stored.regressedFrom !== undefined) {
          problem = "no layout is stored";
          return;
        }
        try {
          const state = parseLayoutState(stored.text);
          if (layout === undefined || compareStates(state, layout) > 0) layout = state;
        } catch (error) {
          problem = messageOf(error);
          logger.warn("the stored layout cannot be read; the one before it stays", {
            error: problem,
          });
        }
      }, signal);
      registry.watchMembers(() => undefined, signal);
    },
  };
}
