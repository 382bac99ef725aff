import { job, type Job, type JobCondition } from "@kube-state-mosaic/wire";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { statusOf } from "../parts/conditions.ts";
import { created } from "../parts/metadata.ts";
import { owners } from "../parts/owners.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<Job>();

export const jobs: Resource<Job> = {
  name: "jobs",
  kind: "Job",
  group: "batch",
  version: "v1",
  path: "/apis/batch/v1/jobs",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: job,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    job_name: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_job_annotations", "Allow-listed annotations of the Job.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_job_labels", "Allow-listed labels of the Job.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    info("kube_job_info", "That the Job exists.", { stability: "STABLE" }),
    gauge("kube_job_created", "Time the Job was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_job_spec_parallelism", "Pods that may run at the same time.", {
      stability: "STABLE",
      value: ({ spec }) => spec.parallelism,
    }),
    gauge("kube_job_spec_completions", "Pods that have to succeed to complete the Job.", {
      stability: "STABLE",
      value: ({ spec }) => spec.completions,
    }),
    gauge("kube_job_spec_active_deadline_seconds", "Seconds the Job may be active.", {
      stability: "STABLE",
      value: ({ spec }) => spec.activeDeadlineSeconds,
    }),
    gauge("kube_job_status_succeeded", "Pods of the Job that succeeded.", {
      stability: "STABLE",
      value: ({ status }) => status.succeeded,
    }),
    gauge("kube_job_status_failed", "Pods of the Job that failed, or why the Job itself failed.", {
      stability: "STABLE",
      rows: failuresOf,
      dynamicLabels: ({ reason }) => (reason === undefined ? [] : [["reason", reason]]),
      value: ({ value }) => value,
    }),
    gauge("kube_job_status_active", "Pods of the Job that are pending or running.", {
      stability: "STABLE",
      value: ({ status }) => status.active,
    }),
    gauge("kube_job_status_ready", "Pods of the Job that are ready.", {
      value: ({ status }) => status.ready ?? 0,
    }),
    gauge("kube_job_complete", "Status of the Complete condition.", {
      stability: "STABLE",
      rows: conditionsOf("Complete"),
      ...statusOf<Job, JobCondition>("condition"),
    }),
    gauge("kube_job_failed", "Status of the Failed condition.", {
      stability: "STABLE",
      rows: conditionsOf("Failed"),
      ...statusOf<Job, JobCondition>("condition"),
    }),
    gauge("kube_job_status_start_time", "Time the Job was started, in Unix seconds.", {
      stability: "STABLE",
      value: ({ status }) => status.startTime,
    }),
    gauge("kube_job_status_completion_time", "Time the Job completed, in Unix seconds.", {
      stability: "STABLE",
      value: ({ status }) => status.completionTime,
    }),
    gauge("kube_job_status_suspended", "Whether the Job is suspended.", {
      rows: conditionsOf("Suspended"),
      value: ({ status }) => status === "True",
    }),
    gauge("kube_job_owner", "Objects that own the Job.", {
      stability: "STABLE",
      ...owners,
    }),
  ],
};

function conditionsOf(wanted: string): (job: Job) => readonly JobCondition[] {
  return ({ status }) => status.conditions.filter(({ type }) => type === wanted);
}

interface Failure {
  /** `undefined`: the sample has no such label. */
  readonly reason: string | undefined;
  readonly value: number | boolean;
}

const noFailure: readonly Failure[] = [{ reason: undefined, value: 0 }];
const knownReasons: readonly string[] = ["BackoffLimitExceeded", "DeadlineExceeded", "Evicted"];

/** Flags for the reasons that are known; the number of failed pods only where none of them is given. */
function failuresOf(object: Job): readonly Failure[] {
  const { failed } = object.status;
  if (failed === 0) return noFailure;
  const given = conditionsOf("Failed")(object).map(({ reason }) => reason);
  const flags = given.flatMap((reason) =>
    knownReasons.map((known) => ({ reason: known, value: known === reason })),
  );
  const explained = given.some((reason) => knownReasons.includes(reason));
  return explained ? flags : [...flags, { reason: "", value: failed }];
}
