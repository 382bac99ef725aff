import type { FakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { createLogger, createTelemetry, type Telemetry } from "@kube-state-mosaic/telemetry";
import { setTimeout as delay } from "node:timers/promises";
import {
  connect,
  Discovery,
  discoveryMetrics,
  parseConfiguration,
  type DiscoveryOptions,
  type Job,
} from "../src/index.ts";

/** A discovery of the fake's cluster, with its metrics and log lines. */
export class Running implements AsyncDisposable {
  readonly discovery: Discovery;
  readonly telemetry: Telemetry = createTelemetry();
  readonly lines: string[] = [];

  constructor(fake: FakeKubernetes, options: Partial<DiscoveryOptions> = {}) {
    this.discovery = new Discovery({
      connect: (config) => connect(config, { apiserver: fake.url }),
      logger: createLogger({
        format: "text",
        level: "debug",
        destination: { write: (line) => void this.lines.push(line) },
      }),
      metrics: discoveryMetrics(this.telemetry),
      // The first retry of a failed request comes at once.
      random: () => 0,
      ...options,
    });
  }

  /** Addresses of a job's targets, sorted. */
  addresses(job: string): string[] {
    const { groups = [] } = this.discovery.state().get(job) ?? {};
    const targets = groups.flatMap((group) => group.targets);
    return targets.map((target) => target.get("__address__") ?? "").sort();
  }

  isComplete(job: string): boolean {
    return this.discovery.state().get(job)?.complete ?? false;
  }

  problems(job: string): string {
    return this.discovery.state().get(job)?.problems.join("\n") ?? "";
  }

  /** The value of a series, as in the exposition. */
  async metric(series: string): Promise<number | undefined> {
    this.discovery.measure();
    const lines = (await this.telemetry.text()).split("\n");
    const line = lines.find((candidate) => candidate.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discovery[Symbol.asyncDispose]();
  }
}

/** Jobs by name, each with the configurations given. */
export function jobsOf(jobs: Readonly<Record<string, readonly object[]>>): readonly Job[] {
  const list = Object.entries(jobs).map(([job_name, kubernetes_sd_configs]) => ({
    job_name,
    kubernetes_sd_configs,
  }));
  return parseConfiguration(JSON.stringify({ jobs: list }), "test.yml");
}

export function pod(name: string, podIP: string, namespace = "default"): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      nodeName: "node-1",
      containers: [{ name: "main", image: "main", ports: [{ containerPort: 80 }] }],
    },
    status: { phase: "Running", podIP },
  };
}

export function node(name: string, address: string): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: { addresses: [{ type: "InternalIP", address }] },
  };
}

/** Waits for what loopback traffic brings about. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what = "condition",
): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited 10 s in vain for ${what}`);
    await delay(5);
  }
}
