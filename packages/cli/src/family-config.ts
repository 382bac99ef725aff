// Apart from the settings of servers and logs, which `render` need not load.
import type { FamilyConfig } from "@kube-state-mosaic/metric-families";
import { allowListFor, type Options } from "@kube-state-mosaic/options";

/** What the allow lists give one resource. */
export function familyConfigFor(options: Options, resource: string): FamilyConfig {
  return {
    labelsAllowList: allowListFor(options.metricLabelsAllowlist, resource),
    annotationsAllowList: allowListFor(options.metricAnnotationsAllowlist, resource),
  };
}
