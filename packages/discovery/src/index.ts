// Jobs
export { parseConfiguration, type Job } from "./configuration.ts";
export type { KubernetesConfig } from "./kubernetes-config.ts";
export type { RelabelRule } from "./relabel-config.ts";

// Discovery
export {
  Discovery,
  type DiscoveryOptions,
  type DiscoveryState,
  type JobState,
} from "./discovery.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export { discoveryMetrics, type DiscoveryMetrics } from "./metrics.ts";
export type { LabelSet, TargetGroup } from "./target-group.ts";

// One role by itself
export { kubernetesConfig } from "./kubernetes-config.ts";
export { Provider, type ProviderOptions } from "./provider.ts";
export { Watches, type ClusterAccess } from "./watches.ts";

// From targets to what scrapers read
export { scrapeTarget, type ScrapeTarget } from "./scrape-target.ts";
export { Publication, type TargetList, type TargetShard } from "./publication.ts";
export { FileSd } from "./file-sd.ts";
