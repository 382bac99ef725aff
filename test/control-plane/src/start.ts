import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "@kube-state-mosaic/errors";
import { type ControlPlanePrograms, buildPrograms } from "./build.ts";
import { ControlPlaneClient } from "./client.ts";
import { Daemon } from "./daemon.ts";
import { kubeconfig } from "./kubeconfig.ts";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

export interface ControlPlaneOptions {
  readonly features?: {
    /** Server-side sharding (KEP-5866): alpha in 1.36, off by default. */
    readonly shardedListAndWatch?: boolean;
  };
  /** Also the controllers that need no kubelet: workloads, EndpointSlices, garbage collection, namespaces, service accounts. They tend to what was put into etcd as well, and remove what has no living owner: not together with a synthetic cluster. */
  readonly controllers?: boolean;
  readonly scheduler?: boolean;
  /** Default: as `buildPrograms` finds or builds them. */
  readonly programs?: ControlPlanePrograms;
}

/** A running control plane of one's own. */
export interface ControlPlane extends ControlPlaneClient, AsyncDisposable {
  readonly daemons: readonly Daemon[];
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

// Without those that look for a kubelet: they would find every node dead and evict its pods.
const controllers = [
  "clusterrole-aggregation-controller",
  "cronjob-controller",
  "daemonset-controller",
  "deployment-controller",
  "disruption-controller",
  "endpoints-controller",
  "endpointslice-controller",
  "garbage-collector-controller",
  "job-controller",
  "namespace-controller",
  "replicaset-controller",
  "resourcequota-controller",
  "root-ca-certificate-publisher-controller",
  "serviceaccount-controller",
  "statefulset-controller",
];
const attempts = 3;
const token = "administrator";

/**
 * Starts etcd and kube-apiserver (and what `options` adds) on random loopback ports, ready after about 4 seconds. They end with `stop`, with `await using`, and when this process dies.
 * Throws what `buildPrograms` throws, `DAEMON_ENDED` with the last lines of the one that failed, or `TIMED_OUT`.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const programs = options.programs ?? (await buildPrograms());
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(programs, options);
    } catch (error) {
      // A port that was free a moment ago may have been given to somebody else.
      if (attempt === attempts || !/address already in use/.test(messageOf(error))) throw error;
    }
  }
}

async function start(
  programs: ControlPlanePrograms,
  options: ControlPlaneOptions,
): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), "control-plane-"));
  const daemons: Daemon[] = [];
  const spawn = async (name: string, command: string, args: readonly string[]): Promise<Daemon> => {
    const daemon = await Daemon.start({ name, command, args }, [folder]);
    daemons.push(daemon);
    return daemon;
  };
  const end = async (): Promise<void> => {
    // Clients first, so that none of them complains about the others.
    for (const daemon of daemons.toReversed()) await daemon.stop(1_000);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const ports = await freePorts(5);
    const [client, peer, secure] = ports.map((port) => `127.0.0.1:${port}`);
    const etcdUrl = `http://${client}`;
    const etcd = await spawn("etcd", programs.etcd, etcdArgs(folder, etcdUrl, `http://${peer}`));
    const keyFile = join(folder, "service-account.key");
    const tokenFile = join(folder, "tokens.csv");
    await writeFile(keyFile, serviceAccountKey(), { mode: 0o600 });
    await writeFile(tokenFile, `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
    await until("etcd answers", () => isOk(`${etcdUrl}/health`), { daemons });

    const apiserver = await spawn("kube-apiserver", programs.apiserver, [
      `--etcd-servers=${etcdUrl}`,
      `--secure-port=${ports[2]}`,
      `--cert-dir=${folder}`,
      `--service-account-key-file=${keyFile}`,
      `--service-account-signing-key-file=${keyFile}`,
      `--token-auth-file=${tokenFile}`,
      ...apiserverArgs(options),
    ]);
    const caFile = join(folder, "apiserver.crt");
    const kubeconfigPath = join(folder, "kubeconfig");
    const url = `https://${secure}`;
    await writeFile(kubeconfigPath, kubeconfig({ url, caFile, token }), { mode: 0o600 });
    const cluster = await until(
      "kube-apiserver is ready",
      async () => {
        const candidate = new ControlPlaneClient({
          url,
          caFile,
          token,
          kubeconfigPath,
          etcdUrl,
          kubectlPath: programs.kubectl,
          apiserverPid: apiserver.pid,
        });
        if ((await candidate.request("/readyz")).status === 200) return candidate;
        candidate.close();
        return undefined;
      },
      { daemons: [etcd, apiserver], timeoutMs: 60_000 },
    );
    const asClient = [`--kubeconfig=${kubeconfigPath}`, "--leader-elect=false"];
    if (options.controllers)
      await spawn("kube-controller-manager", programs.controllerManager, [
        ...asClient,
        `--controllers=${controllers.join(",")}`,
        `--root-ca-file=${caFile}`,
        `--service-account-private-key-file=${keyFile}`,
        `--cert-dir=${join(folder, "controller-manager")}`,
        `--secure-port=${ports[3]}`,
        "--bind-address=127.0.0.1",
      ]);
    if (options.scheduler)
      await spawn("kube-scheduler", programs.scheduler, [
        ...asClient,
        `--cert-dir=${join(folder, "scheduler")}`,
        `--secure-port=${ports[4]}`,
        "--bind-address=127.0.0.1",
      ]);
    if (options.controllers)
      await until(
        "the controllers have made the default service account",
        async () =>
          (await cluster.request("/api/v1/namespaces/default/serviceaccounts/default")).status ===
          200,
        { daemons },
      );
    const stop = async (): Promise<void> => {
      cluster.close();
      await end();
    };
    return Object.assign(cluster, { daemons, stop, [Symbol.asyncDispose]: stop });
  } catch (error) {
    await end();
    throw error;
  }
}

function etcdArgs(folder: string, clientUrl: string, peerUrl: string): readonly string[] {
  return [
    `--data-dir=${join(folder, "etcd")}`,
    "--unsafe-no-fsync",
    "--quota-backend-bytes=8000000000",
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    "--log-level=warn",
  ];
}

/** What does not depend on where things are. */
function apiserverArgs(options: ControlPlaneOptions): readonly string[] {
  return [
    "--bind-address=127.0.0.1",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.0.0.0/16",
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    // Otherwise a population's requests wait for their share.
    "--enable-priority-and-fairness=false",
    "--max-requests-inflight=3000",
    "--max-mutating-requests-inflight=1000",
    // No controller makes the default accounts that it would ask for.
    ...(options.controllers ? [] : ["--disable-admission-plugins=ServiceAccount"]),
    `--feature-gates=ShardedListAndWatch=${options.features?.shardedListAndWatch === true}`,
  ];
}

function serviceAccountKey(): string {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  return privateKey;
}

async function isOk(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}
