import type { ControlPlaneClient, ProcessKubelet } from "@kube-state-mosaic/control-plane";
import { inForce, type Rounds, workersOf } from "./autosharding-rounds.ts";
import { family } from "./samples.ts";

/** What workers without the permission for Leases say, and what becomes of them once they have it. */
export interface UncoordinatedReport {
  /** By pod: lines of its log that print a Role. */
  readonly roleLines: Readonly<Record<string, number>>;
  /** `kube_state_mosaic_registry_mode`, by pod. */
  readonly modes: Readonly<Record<string, readonly string[]>>;
  /** The same once the printed Role is applied, and how long that took. */
  readonly modesAfterwards: Readonly<Record<string, readonly string[]>>;
  readonly coordinatedMs: number;
}

const quietMs = 10_000;

/** Applies the Role as it stands in the log, and scrapes until all workers have coordinated for a while. */
export async function applyPrintedRole(
  client: ControlPlaneClient,
  kubelet: ProcessKubelet,
  { rounds, replicas }: { rounds: Rounds; replicas: number },
): Promise<UncoordinatedReport> {
  const roles = new Map(
    workersOf(kubelet).map((pod) => [
      pod.pod.metadata.name,
      (pod.container()?.lines ?? []).filter((line) => /"kind":"Role"/.test(line)),
    ]),
  );
  const modes = await modesOf(kubelet);
  await client.apply(roleIn([...roles.values()].flat()[0] ?? ""));
  const begun = performance.now();
  let modesAfterwards = modes;
  let coordinatedAt: number | undefined;
  await rounds.watch(
    { name: "the printed Role is applied", absenceCounts: true, replicas },
    async ({ at, answers }) => {
      modesAfterwards = await modesOf(kubelet);
      const isCoordinated = Object.values(modesAfterwards).every(([mode = ""]) =>
        mode.endsWith(" 1"),
      );
      if (isCoordinated && inForce(answers, replicas)) coordinatedAt ??= at;
      return coordinatedAt !== undefined && at > coordinatedAt + quietMs;
    },
  );
  return {
    roleLines: Object.fromEntries([...roles].map(([pod, { length }]) => [pod, length])),
    modes,
    modesAfterwards,
    coordinatedMs: Math.round((coordinatedAt ?? Number.NaN) - begun),
  };
}

/** As somebody would copy it from a line of the log. */
function roleIn(line: string): string {
  return /Apply this Role: (\{.*\})/.exec(line)?.[1] ?? "";
}

async function modesOf(kubelet: ProcessKubelet): Promise<Record<string, readonly string[]>> {
  const found = workersOf(kubelet).map(async ({ pod, address }) => {
    const text = await (await fetch(`http://${address}:8081/metrics`)).text();
    return [pod.metadata.name, family(text, "kube_state_mosaic_registry_mode")] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}
