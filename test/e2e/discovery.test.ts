import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  complete,
  type ControlPlane,
  run,
  startControlPlane,
  until,
} from "@kube-state-mosaic/control-plane";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workload, namespaces } from "./discovery-workload.ts";
import { discoveryOracle } from "./discovery-oracle.ts";
import { has, sharedCluster } from "./environment.ts";
import { Exporter, program } from "./exporter.ts";
import { Prometheus } from "./prometheus.ts";

type Labels = Readonly<Record<string, string>>;

// Only whether there is one: what is changed here would disturb others.
const isThere = sharedCluster() !== undefined;
const oracleProgram = await discoveryOracle();
if (oracleProgram === undefined) {
  const missing =
    "no Prometheus with Kubernetes discovery: `node test/e2e/discovery-oracle.ts` builds it";
  if (process.env["CI"] === "true") throw new Error(missing);
  console.warn(`${missing}; the comparison with it is left out`);
}
describe.skipIf(!isThere || oracleProgram === undefined)("beside a real Prometheus", () => {
  let kubeconfig_file: string;
  let folder: string;
  let cluster: ControlPlane;
  let workload: Workload;
  let jobs: readonly Job[];
  let oracle: Prometheus;
  let discover: Exporter;
  let relabeled: Exporter;
  let reader: Prometheus;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "discovery-"));
    cluster = await startControlPlane();
    kubeconfig_file = cluster.kubeconfigPath;
    jobs = jobsFor(kubeconfig_file);
    workload = new Workload(cluster);
    await workload.create();
    const dropAll = { source_labels: ["__address__"], action: "drop", regex: ".*" };
    oracle = await Prometheus.start({
      command: oracleProgram!,
      config: {
        scrape_configs: [
          ...jobs.map((job) => ({ ...job, relabel_configs: [dropAll] })),
          ...relabelingJobs(kubeconfig_file),
        ],
      },
    });
    const config = join(folder, "discover.yml");
    await writeFile(
      config,
      JSON.stringify({ jobs: [...jobs, ...relabelingJobs(kubeconfig_file)] }),
    );
    const flags = ["discover", `--discovery-config=${config}`];
    discover = await Exporter.start([...flags, `--file-sd-directory=${folder}`]);
    relabeled = await Exporter.start([...flags, "--relabel"]);
    await Promise.all([discover.ready(), relabeled.ready()]);
    reader = await Prometheus.start({
      // An older one, where there is one: what it reads must suit both.
      command: has("prometheus") ? "prometheus" : oracleProgram!,
      config: { scrape_configs: readingJobs(discover.url, relabeled.url, folder) },
    });
  });
  afterAll(async () => {
    for (const started of [reader, relabeled, discover, oracle])
      await started?.[Symbol.asyncDispose]();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test("after quiet every job has the target groups that Prometheus finds, label by label, through creations, changes and deletions", async () => {
    await workload.churn(4);
    await workload.settle(async () => {
      const independent = jobs.filter(({ job_name }) => /^(?:nodes|pods|services)/.test(job_name));
      await until(
        "both have seen what endpoints depend on",
        async () => {
          const sides = [await targetsOf(discover, independent), await discovered(oracle)];
          return independent.every(({ job_name }) =>
            sides.every((side) => isOfRound(side.get(job_name), workload.round)),
          );
        },
        { timeoutMs: 30_000, intervalMs: 300, daemons: [discover.daemon, oracle.daemon] },
      );
    });
    for (const kind of ["Pod", "Service", "EndpointSlice", "Ingress", "Node"])
      expect(workload.count(kind)).toBeGreaterThan(5);
    expect(workload.count("Pod")).toBeGreaterThanOrEqual(300);
    const compared = await until(
      "both have come to the last round",
      async () => {
        const ours = await targetsOf(discover, jobs);
        const theirs = await discovered(oracle);
        const names = jobs.map(({ job_name }) => job_name);
        const atEnd = names.every((name) =>
          [ours.get(name), theirs.get(name)].every((targets) => isOfRound(targets, workload.round)),
        );
        const equal = names.every((name) => text(ours.get(name)) === text(theirs.get(name)));
        return atEnd && equal && { ours, theirs };
      },
      { timeoutMs: 45_000, intervalMs: 500, daemons: [discover.daemon, oracle.daemon] },
    ).catch(async (error: unknown) => {
      await explain(discover, oracle, jobs);
      throw error;
    });
    const counts = jobs.map(({ job_name }) => compared.ours.get(job_name)?.length ?? 0);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    const targets = [...compared.theirs.values()].flat();
    const names = new Set(targets.flatMap((labels) => Object.keys(labels)));
    // What was compared has everything that is rare: labels of others, and fields that few objects have.
    expect([...names]).toEqual(
      expect.arrayContaining(rareLabels.map((name) => `__meta_kubernetes_${name}`)),
    );
    const total = counts.reduce((sum, count) => sum + count, 0);
    console.info(`${jobs.length} jobs with ${total} targets: no label differs`);
  });

  test("a Prometheus that reads http_sd and file_sd ends with the same active targets after relabeling", async () => {
    const wanted = await until("the oracle has active targets", async () => {
      const targets = await activeTargets(oracle, "relabeled-");
      const isNew = (target: string): boolean => target.includes(`["round","${workload.round}"]`);
      return targets.length > 100 && targets.every(isNew) && targets;
    });
    for (const way of ["http-", "file-", "done-"]) {
      const targets = (): Promise<string[]> => activeTargets(reader, way);
      await expect.poll(targets, { timeout: 20_000, interval: 500 }).toEqual(wanted);
    }
  });

  test("--once prints the same groups that the running process gives out", async () => {
    const config = join(folder, "discover.yml");
    const args = ["discover", `--discovery-config=${config}`, "--once", "--output=targets"];
    const printed = JSON.parse(await run(program, args)) as Record<string, unknown>;
    for (const { job_name } of jobs)
      expect(printed[job_name]).toEqual(
        await (await fetch(`${discover.url}/sd/${job_name}`)).json(),
      );
    const file = await readFile(join(folder, "pods.json"), "utf8");
    expect(JSON.parse(file)).toEqual(printed["pods"]);
  });

  test("of a dual-stack service only the slice of its first family has targets", async () => {
    const config = join(folder, "dual.json");
    const names = { names: [namespaces[2]] };
    const job = {
      job_name: "dual",
      kubernetes_sd_configs: [{ role: "endpointslice", namespaces: names, kubeconfig_file }],
    };
    await writeFile(config, JSON.stringify({ jobs: [job] }));
    const args = ["discover", `--discovery-config=${config}`, "--once"];
    const { dual } = JSON.parse(await run(program, args)) as {
      dual: { source: string; targets: Labels[] }[];
    };
    expect(dual.map(({ source }) => source)).toEqual([`endpointslice/${namespaces[2]}/dual-ipv4`]);
    expect(dual[0]!.targets.map((target) => target["__address__"])).toEqual([
      "10.245.0.1:8080",
      "10.245.0.1:15000",
    ]);
  });

  test("a role that RBAC forbids reports it, and the others go on", async () => {
    await cluster.apply(readerRbac);
    const credentials = await cluster.serviceAccountToken("default", "sd-reader");
    const access = {
      api_server: cluster.url,
      authorization: { credentials },
      tls_config: { ca_file: cluster.caFile },
    };
    const config = join(folder, "forbidden.json");
    const allowed = {
      job_name: "allowed",
      kubernetes_sd_configs: [{ ...access, role: "service" }],
    };
    const forbidden = {
      job_name: "forbidden",
      kubernetes_sd_configs: [{ ...access, role: "pod" }],
    };
    await writeFile(config, JSON.stringify({ jobs: [forbidden, allowed] }));
    const args = ["discover", `--discovery-config=${config}`, "--once"];
    const { code, stdout, stderr } = await complete(program, args);
    const printed = JSON.parse(stdout) as Record<string, readonly object[]>;
    expect(Object.keys(printed)).toEqual(["allowed"]);
    expect(printed["allowed"]!.length).toBeGreaterThan(20);
    expect(stderr).toMatch(/error: job "forbidden" is left out: pods: .*forbidden/);
    expect(code).toBe(1);
  });

  test("a changed configuration is taken up, at once on SIGHUP; a wrong one changes nothing", async () => {
    const config = join(folder, "reload.yml");
    const write = (...list: readonly Job[]): Promise<void> =>
      writeFile(config, `${JSON.stringify({ jobs: list })}\n`);
    const services = jobs.filter(({ job_name }) => job_name === "services");
    const nodes = jobs.filter(({ job_name }) => job_name === "nodes");
    await write(...services);
    await using changing = await Exporter.start(["discover", `--discovery-config=${config}`]);
    await changing.ready();
    const status = async (job: string): Promise<number> =>
      (await fetch(`${changing.url}/sd/${job}`)).status;
    expect([await status("services"), await status("nodes")]).toEqual([200, 404]);
    await write(...services, ...nodes);
    await expect.poll(() => status("nodes"), { timeout: 10_000 }).toBe(200);
    await writeFile(config, "jobs: [{ job_name: x, kubernetes_sd_configs: [{ role: y }] }]\n");
    await changing.daemon.line(/the old one stays in force.*job \\?"x\\?": .*no role/);
    expect(await status("services")).toBe(200);
    process.kill(changing.daemon.pid, "SIGHUP");
    await changing.daemon.line(/the old one stays in force.*why=SIGHUP/);
    await write(...nodes);
    await expect.poll(() => status("services"), { timeout: 10_000 }).toBe(404);
    expect(await status("nodes")).toBe(200);
  });
});

const rareLabels = [
  "pod_deployment_name",
  "pod_job_name",
  "pod_cronjob_name",
  "pod_container_id",
  "pod_container_port_protocol",
  "namespace_label_round",
  "namespace_annotationpresent_plain",
  "node_label_round",
  "node_address_Strange_Type",
  "node_condition_kernel_deadlock",
  "node_provider_id",
  "service_external_name",
  "service_loadbalancer_ip",
  "endpoint_hostname",
  "endpoint_node_name",
  "endpoint_address_target_kind",
  "endpointslice_port_app_protocol",
  "endpointslice_endpoint_conditions_terminating",
  "endpointslice_endpoint_hostname",
  "endpointslice_endpoint_topology_topology_example_zone",
  "endpointslice_endpoint_topology_present_plain",
  "endpointslice_endpoint_zone",
  "ingress_class_name",
];

/** Somebody who may read services and nothing else. */
const readerRbac = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: sd-reader, namespace: default }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: sd-reader }
rules: [{ apiGroups: [""], resources: [services], verbs: [list, watch] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: sd-reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: sd-reader }
subjects: [{ kind: ServiceAccount, name: sd-reader, namespace: default }]
`;

interface Job {
  readonly job_name: string;
  readonly kubernetes_sd_configs: readonly object[];
}

/** All roles, with and without metadata of others, by namespace, selector and in the whole cluster. */
function jobsFor(kubeconfig_file: string): Job[] {
  const only = { namespaces: { names: namespaces } };
  const attach_metadata = {
    node: true,
    namespace: true,
    deployment: true,
    job: true,
    cronjob: true,
  };
  const selectors = (...list: [role: string, label: string, field?: string][]): object => ({
    selectors: list.map(([role, label, field = ""]) => ({ role, label, field })),
  });
  const job = (job_name: string, config: object): Job => ({
    job_name,
    kubernetes_sd_configs: [{ kubeconfig_file, ...config }],
  });
  const namespaceOnly = { attach_metadata: { namespace: true } };
  return [
    job("nodes", { role: "node", ...selectors(["node", "sd=yes"]) }),
    job("pods", { role: "pod", ...only }),
    job("pods-attached", { role: "pod", ...only, attach_metadata }),
    job("pods-selected", {
      role: "pod",
      ...selectors(["pod", "sd=yes,app.kubernetes.io/name in (web)", "status.phase=Running"]),
    }),
    job("services", { role: "service", ...only, ...namespaceOnly }),
    job("endpoints", { role: "endpoints", ...only }),
    job("endpoints-attached", { role: "endpoints", ...only, attach_metadata }),
    job("slices", { role: "endpointslice", ...only }),
    job("slices-attached", { role: "endpointslice", ...only, attach_metadata }),
    job("slices-selected", {
      role: "endpointslice",
      ...selectors(
        ["endpointslice", "sd=yes"],
        ["pod", "app.kubernetes.io/name=web"],
        ["service", "app.kubernetes.io/name=db"],
      ),
    }),
    job("ingresses", { role: "ingress", ...only, ...namespaceOnly }),
    job("pods-on-nodes", {
      role: "pod",
      ...only,
      ...selectors(["node", "app.kubernetes.io/name=web"]),
      attach_metadata,
    }),
  ];
}

const relabel_configs = [
  { source_labels: ["__meta_kubernetes_pod_phase"], regex: "Running|Pending", action: "keep" },
  {
    source_labels: ["__meta_kubernetes_pod_container_port_protocol"],
    regex: "UDP",
    action: "drop",
  },
  { regex: "__meta_kubernetes_pod_label_(.+)", action: "labelmap" },
  {
    source_labels: ["__address__", "__meta_kubernetes_pod_container_name"],
    regex: "(.+?)(?::(\\d+))?;(?P<name>.+)",
    target_label: "__address__",
    replacement: "${1}:9100",
  },
  { source_labels: ["__meta_kubernetes_pod_name"], target_label: "pod" },
  {
    source_labels: ["__meta_kubernetes_namespace"],
    target_label: "namespace",
    action: "uppercase",
  },
  {
    source_labels: ["pod"],
    regex: "pod-(\\d+)",
    target_label: "__metrics_path__",
    replacement: "/pods/$1/metrics",
  },
  { source_labels: ["pod"], target_label: "__param_shard", modulus: 16, action: "hashmod" },
  { regex: "app_.*", action: "labeldrop" },
];

/** A job with real relabeling; its scrapes are too rare to happen. */
function relabelingJobs(kubeconfig_file: string): Job[] {
  const [pods] = jobsFor(kubeconfig_file).filter(({ job_name }) => job_name === "pods");
  const job = { ...pods!, job_name: "relabeled-pods", scrape_interval: "1h", relabel_configs };
  return [job];
}

/** The same targets by http_sd, by file_sd, and relabeled beforehand. */
function readingJobs(url: string, relabeledUrl: string, folder: string): object[] {
  const rare = { scrape_interval: "1h" };
  const refresh_interval = "1s";
  const http = (from: string): object[] => [{ url: `${from}/sd/relabeled-pods`, refresh_interval }];
  const files = [join(folder, "relabeled-*.json")];
  return [
    { job_name: "http-pods", ...rare, http_sd_configs: http(url), relabel_configs },
    {
      job_name: "file-pods",
      ...rare,
      file_sd_configs: [{ files, refresh_interval }],
      relabel_configs,
    },
    { job_name: "done-pods", ...rare, http_sd_configs: http(relabeledUrl) },
  ];
}

/** Every target of our jobs with all its labels. */
async function targetsOf(discover: Exporter, jobs: readonly Job[]): Promise<Map<string, Labels[]>> {
  const entries = jobs.map(async ({ job_name }): Promise<[string, Labels[]]> => {
    const response = await fetch(`${discover.url}/sd/${job_name}`);
    const groups = (await response.json()) as { targets: string[]; labels: Labels }[];
    const targets = groups.flatMap(({ targets: addresses, labels }) =>
      addresses.map((address) => (address === "" ? labels : { ...labels, __address__: address })),
    );
    return [job_name, targets];
  });
  return new Map(await Promise.all(entries));
}

/** What Prometheus has discovered, before relabeling and without what it adds itself. */
async function discovered(prometheus: Prometheus): Promise<Map<string, Labels[]>> {
  const response = await fetch(`${prometheus.url}/api/v1/targets?state=dropped`);
  const { data } = (await response.json()) as {
    data: { droppedTargets: { discoveredLabels: Labels }[] };
  };
  const byJob = new Map<string, Labels[]>();
  const added =
    /^(?:job|__scheme__|__metrics_path__|__scrape_\w+__|__convert_\w+__|__always_\w+__)$/;
  for (const { discoveredLabels } of data.droppedTargets) {
    const job = discoveredLabels["job"] ?? "";
    const labels = Object.entries(discoveredLabels).filter(([name]) => !added.test(name));
    byJob.set(job, [...(byJob.get(job) ?? []), Object.fromEntries(labels)]);
  }
  return byJob;
}

/** Labels and URLs of the active targets of the jobs that begin so; the job's name is not compared. */
async function activeTargets(prometheus: Prometheus, prefix: string): Promise<string[]> {
  const targets = await prometheus.targets();
  return targets
    .filter(({ scrapePool }) => scrapePool.startsWith(prefix))
    .map(({ labels, scrapeUrl }) => `${scrapeUrl} ${inOrder({ ...labels, job: "" })}`)
    .sort();
}

function isOfRound(targets: readonly Labels[] | undefined, round: string): boolean {
  const isOld = (labels: Labels): boolean =>
    Object.entries(labels).some(
      ([name, value]) => name.endsWith("_label_round") && value !== round,
    );
  return targets !== undefined && targets.length > 0 && !targets.some(isOld);
}

function text(targets: readonly Labels[] | undefined): string {
  return (targets ?? []).map(inOrder).toSorted().join("\n");
}

function inOrder(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Shows the first difference of each job. */
async function explain(
  discover: Exporter,
  oracle: Prometheus,
  jobs: readonly Job[],
): Promise<void> {
  const ours = await targetsOf(discover, jobs);
  const theirs = await discovered(oracle);
  for (const { job_name } of jobs) {
    const lines = [ours, theirs].map((side) => text(side.get(job_name)).split("\n"));
    const [mine = [], other = []] = lines.map((side) => new Set(side));
    const extra = [...mine].filter((line) => ![...other].includes(line));
    const missing = [...other].filter((line) => ![...mine].includes(line));
    if (extra.length + missing.length > 0 || lines[0]!.length !== lines[1]!.length)
      console.error(
        `${job_name}: ${lines[0]!.length} and ${lines[1]!.length} targets, ${extra.length} too many, ${missing.length} missing`,
        `\nours   ${extra[0]}\ntheirs ${missing[0]}`,
      );
  }
}
