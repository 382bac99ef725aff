import { setTimeout as delay } from "node:timers/promises";
import type { ControlPlaneClient } from "@kube-state-mosaic/control-plane";

export interface ChurnOptions {
  /** Pod status changes a second. */
  readonly rate: number;
  readonly seconds: number;
  /** Only this many pods, the same ones all the time, are changed; default: uniformly random over all. */
  readonly concentrateOn?: number;
  /** A number in `[0, 1)`; default `Math.random`. */
  readonly random?: () => number;
}

interface Pod {
  status?: {
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
    containerStatuses?: { ready: boolean; restartCount: number }[];
  };
}

const prefix = "/registry/pods/";
// A burst of at most this many is written at once.
const batch = 20;

/** Changes the status of random pods that have started, of those that were stored as JSON: a restart more, and its readiness turned. Returns the number of changes made. */
export async function churn(
  controlPlane: ControlPlaneClient,
  options: ChurnOptions,
): Promise<number> {
  const { rate, seconds, random = Math.random } = options;
  const keys = (await controlPlane.etcdKeys(prefix)).slice(0, options.concentrateOn);
  const started = performance.now();
  const total = Math.round(rate * seconds);
  let done = 0;
  while (done < total) {
    const due = Math.min(total, Math.floor(((performance.now() - started) / 1_000) * rate)) - done;
    if (due <= 0) {
      await delay(1_000 / rate);
      continue;
    }
    const chosen = new Set<string>();
    for (let i = 0; i < Math.min(due, batch); i += 1)
      chosen.add(keys[Math.floor(random() * keys.length)] ?? "");
    done += await change(controlPlane, [...chosen]);
  }
  return done;
}

async function change(controlPlane: ControlPlaneClient, keys: readonly string[]): Promise<number> {
  const pods = (await controlPlane.etcdGet(keys)) as readonly (Pod | undefined)[];
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const entries = keys.flatMap((key, i) => {
    const pod = pods[i];
    return pod !== undefined && turn(pod, now) ? [{ key, object: pod }] : [];
  });
  await controlPlane.etcdPutAll(entries);
  return entries.length;
}

/** False when no container of it has started yet. */
function turn(pod: Pod, now: string): boolean {
  const [container] = pod.status?.containerStatuses ?? [];
  if (container === undefined) return false;
  container.ready = !container.ready;
  container.restartCount += 1;
  for (const condition of pod.status?.conditions ?? [])
    if (condition.type === "Ready" || condition.type === "ContainersReady") {
      condition.status = container.ready ? "True" : "False";
      condition.lastTransitionTime = now;
    }
  return true;
}
