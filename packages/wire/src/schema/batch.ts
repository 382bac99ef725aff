// batch/v1. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  bool,
  int32,
  int64,
  list,
  message,
  one,
  optional,
  string,
  time,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";
import { type ObjectReference, objectReference } from "./object-reference.ts";

interface CronJobSpec {
  readonly schedule: string;
  readonly startingDeadlineSeconds: number | undefined;
  readonly concurrencyPolicy: string;
  readonly suspend: boolean | undefined;
  readonly successfulJobsHistoryLimit: number | undefined;
  readonly failedJobsHistoryLimit: number | undefined;
  readonly timeZone: string | undefined;
}

const cronJobSpec: Message<CronJobSpec> = message<CronJobSpec>("CronJobSpec", {
  schedule: string(1),
  startingDeadlineSeconds: optional(int64(2)),
  concurrencyPolicy: string(3),
  suspend: optional(bool(4)),
  successfulJobsHistoryLimit: optional(int32(6)),
  failedJobsHistoryLimit: optional(int32(7)),
  timeZone: optional(string(8)),
});

interface CronJobStatus {
  readonly active: readonly ObjectReference[];
  readonly lastScheduleTime: number | undefined;
  readonly lastSuccessfulTime: number | undefined;
}

const cronJobStatus: Message<CronJobStatus> = message<CronJobStatus>("CronJobStatus", {
  active: list(1, objectReference),
  lastScheduleTime: optional(time(4)),
  lastSuccessfulTime: optional(time(5)),
});

export interface CronJob {
  readonly metadata: ObjectMeta;
  readonly spec: CronJobSpec;
  readonly status: CronJobStatus;
}

export const cronJob: Message<CronJob> = message<CronJob>("CronJob", {
  metadata: one(1, objectMeta),
  spec: one(2, cronJobSpec),
  status: one(3, cronJobStatus),
});

interface JobSpec {
  readonly parallelism: number | undefined;
  readonly completions: number | undefined;
  readonly activeDeadlineSeconds: number | undefined;
  readonly backoffLimit: number | undefined;
}

const jobSpec: Message<JobSpec> = message<JobSpec>("JobSpec", {
  parallelism: optional(int32(1)),
  completions: optional(int32(2)),
  activeDeadlineSeconds: optional(int64(3)),
  backoffLimit: optional(int32(7)),
});

export interface JobCondition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
}

const jobCondition: Message<JobCondition> = message<JobCondition>("JobCondition", {
  type: string(1),
  status: string(2),
  reason: string(5),
});

interface JobStatus {
  readonly conditions: readonly JobCondition[];
  readonly startTime: number | undefined;
  readonly completionTime: number | undefined;
  readonly active: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly ready: number | undefined;
  readonly terminating: number | undefined;
}

const jobStatus: Message<JobStatus> = message<JobStatus>("JobStatus", {
  conditions: list(1, jobCondition),
  startTime: optional(time(2)),
  completionTime: optional(time(3)),
  active: int32(4),
  succeeded: int32(5),
  failed: int32(6),
  ready: optional(int32(9)),
  terminating: optional(int32(11)),
});

export interface Job {
  readonly metadata: ObjectMeta;
  readonly spec: JobSpec;
  readonly status: JobStatus;
}

export const job: Message<Job> = message<Job>("Job", {
  metadata: one(1, objectMeta),
  spec: one(2, jobSpec),
  status: one(3, jobStatus),
});
