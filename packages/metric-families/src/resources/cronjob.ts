import { cronJob, type CronJob } from "@kube-state-mosaic/wire";
import { nextTime } from "../cron/next-time.ts";
import { cronSchedule } from "../cron/schedule.ts";
import { familiesOf } from "../family.ts";
import { annotations, labels } from "../parts/allow-list.ts";
import { created, resourceVersion } from "../parts/metadata.ts";
import type { Resource } from "../resource.ts";

const { gauge, info } = familiesOf<CronJob>();

export const cronjobs: Resource<CronJob> = {
  name: "cronjobs",
  kind: "CronJob",
  group: "batch",
  version: "v1",
  path: "/apis/batch/v1/cronjobs",
  namespaced: true,
  enabledByDefault: true,
  reads: "full",
  schema: cronJob,
  identity: {
    namespace: ({ metadata }) => metadata.namespace,
    cronjob: ({ metadata }) => metadata.name,
  },
  families: ({ labelsAllowList, annotationsAllowList }) => [
    gauge("kube_cronjob_annotations", "Allow-listed annotations of the CronJob.", {
      ...annotations(annotationsAllowList),
    }),
    gauge("kube_cronjob_labels", "Allow-listed labels of the CronJob.", {
      stability: "STABLE",
      ...labels(labelsAllowList),
    }),
    info("kube_cronjob_info", "Schedule of the CronJob and how its runs may overlap.", {
      stability: "STABLE",
      labels: {
        schedule: ({ spec }) => spec.schedule,
        concurrency_policy: ({ spec }) => spec.concurrencyPolicy,
        timezone: ({ spec }) => spec.timeZone ?? "local",
      },
    }),
    gauge("kube_cronjob_created", "Time the CronJob was created, in Unix seconds.", {
      stability: "STABLE",
      ...created,
    }),
    gauge("kube_cronjob_status_active", "Jobs of the CronJob that are running.", {
      stability: "STABLE",
      value: ({ status }) => status.active.length,
    }),
    gauge("kube_cronjob_status_last_schedule_time", "Time of the last run, in Unix seconds.", {
      stability: "STABLE",
      value: ({ status }) => status.lastScheduleTime,
    }),
    gauge(
      "kube_cronjob_status_last_successful_time",
      "Time of the last success, in Unix seconds.",
      {
        stability: "STABLE",
        value: ({ status }) => status.lastSuccessfulTime,
      },
    ),
    gauge("kube_cronjob_spec_suspend", "Whether the CronJob is suspended.", {
      stability: "STABLE",
      value: ({ spec }) => spec.suspend ?? false,
    }),
    gauge("kube_cronjob_spec_starting_deadline_seconds", "Seconds a run may be late.", {
      stability: "STABLE",
      value: ({ spec }) => spec.startingDeadlineSeconds,
    }),
    gauge("kube_cronjob_next_schedule_time", "Time of the run after the last, in Unix seconds.", {
      stability: "STABLE",
      value: nextScheduleTime,
    }),
    gauge("kube_cronjob_schedule_invalid", "Always 1, where the schedule is invalid.", {
      value: (object) => (scheduleOf(object) === undefined ? 1 : undefined),
    }),
    gauge("kube_cronjob_metadata_resource_version", "Resource version of the CronJob.", {
      stability: "STABLE",
      ...resourceVersion,
    }),
    gauge("kube_cronjob_spec_successful_job_history_limit", "Successful Jobs to keep.", {
      value: ({ spec }) => spec.successfulJobsHistoryLimit,
    }),
    gauge("kube_cronjob_spec_failed_job_history_limit", "Failed Jobs to keep.", {
      value: ({ spec }) => spec.failedJobsHistoryLimit,
    }),
  ],
};

function scheduleOf({ spec }: CronJob): ReturnType<typeof cronSchedule> {
  return cronSchedule(spec.schedule, spec.timeZone);
}

/** From the last run, or from the creation before there was one; never from now. */
function nextScheduleTime(object: CronJob): number | undefined {
  if (object.spec.suspend === true) return undefined;
  const schedule = scheduleOf(object);
  const base = object.status.lastScheduleTime ?? object.metadata.creationTimestamp;
  return schedule === undefined || base === undefined ? undefined : nextTime(schedule, base);
}
