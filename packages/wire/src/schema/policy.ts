// policy/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import { int32, int64, message, one, type Message } from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";

interface PodDisruptionBudgetStatus {
  readonly observedGeneration: number;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
}

const podDisruptionBudgetStatus: Message<PodDisruptionBudgetStatus> =
  message<PodDisruptionBudgetStatus>("PodDisruptionBudgetStatus", {
    observedGeneration: int64(1),
    disruptionsAllowed: int32(3),
    currentHealthy: int32(4),
    desiredHealthy: int32(5),
    expectedPods: int32(6),
  });

export interface PodDisruptionBudget {
  readonly metadata: ObjectMeta;
  readonly status: PodDisruptionBudgetStatus;
}

export const podDisruptionBudget: Message<PodDisruptionBudget> = message<PodDisruptionBudget>(
  "PodDisruptionBudget",
  {
    metadata: one(1, objectMeta),
    status: one(3, podDisruptionBudgetStatus),
  },
);
