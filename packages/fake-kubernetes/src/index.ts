// The server.
export {
  startFakeKubernetes,
  type FakeKubernetes,
  type FakeKubernetesOptions,
  type Interruption,
  type TlsFiles,
} from "./fake-kubernetes.ts";
export type { RequestRecord, Settings } from "./settings.ts";
export type { KubernetesObject } from "./kubernetes-object.ts";
export type { User } from "./reviews.ts";
export { ApiFailure } from "./status.ts";

// What can go wrong.
export type { Fault, FaultCondition, FaultRequest, SentEvent, Verb } from "./faults.ts";

// Synthetic clusters.
export { populate, type PopulationOptions } from "./synthetic/populate.ts";
export { live, type LiveOptions } from "./synthetic/live.ts";
