import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../src/index.ts";

const jobs = (yaml: string, file = "/etc/prometheus/prometheus.yml") =>
  parseConfiguration(yaml, file);
const one = (config: string) => jobs(`jobs: [{job_name: j, kubernetes_sd_configs: [${config}]}]`);

describe("a configuration", () => {
  test("of prometheus.yml counts its jobs with kubernetes_sd_configs, whatever else stands there", () => {
    const [job, ...others] = jobs(`
global: { scrape_interval: 15s, external_labels: { a: b } }
rule_files: [x.yml]
scrape_configs:
  - job_name: static
    static_configs: [{ targets: [a:1] }]
  - job_name: pods
    honor_labels: true
    metrics_path: /m
    params: { module: [http, other] }
    kubernetes_sd_configs:
      - role: pod
        kubeconfig_file: admin.conf
        namespaces: { names: [a, b] }
        selectors: [{ role: pod, label: "app in (x, y),!z" , field: status.phase!=Failed }]
        attach_metadata: { node: true }
    relabel_configs:
      - source_labels: [__meta_kubernetes_pod_name]
        regex: 1.0
        action: keep
`);
    expect(others).toEqual([]);
    expect(job).toMatchObject({
      name: "pods",
      configs: [
        {
          role: "pod",
          apiServer: undefined,
          kubeconfigFile: "/etc/prometheus/admin.conf",
          namespaces: { own: false, names: ["a", "b"] },
          selectors: { pods: { label: "app in (x, y),!z", field: "status.phase!=Failed" } },
          attach: { node: true, namespace: false, deployment: false, job: false, cronjob: false },
        },
      ],
    });
    expect(job!.relabeling[0]!.regex.pattern()).toBe("^(?s:1.0)$");
    expect(Object.fromEntries(job!.defaults)).toEqual({
      job: "pods",
      __scrape_interval__: "15s",
      __scrape_timeout__: "10s",
      __metrics_path__: "/m",
      __scheme__: "http",
      __param_module: "http",
    });
  });

  test("may be JSON, have anchors, and jobs without any source", () => {
    expect(jobs(`{"jobs": [{"job_name": "a"}]}`)).toMatchObject([{ name: "a", configs: [] }]);
    const anchors = `
jobs:
  - job_name: a
    kubernetes_sd_configs: [&pod { role: pod }]
  - job_name: b
    kubernetes_sd_configs: [{ <<: *pod, namespaces: { own_namespace: true } }]`;
    expect(jobs(anchors).map(({ configs }) => configs[0])).toMatchObject([
      { role: "pod" },
      { role: "pod", namespaces: { own: true } },
    ]);
  });

  test.each<[config: string, key: string, reason: string]>([
    ["{}", "role", "is missing"],
    ["{role: Pod}", "role", 'no role "Pod"'],
    ["{role: pod, attach: {}}", "attach", "no such key"],
    [
      "{role: pod, basic_auth: {username: a}, bearer_token: b, api_server: 'http://x'}",
      "bearer_token",
      "contradicts",
    ],
    [
      "{role: pod, api_server: 'http://x', kubeconfig_file: y}",
      "kubeconfig_file",
      "contradicts api_server",
    ],
    [
      "{role: pod, kubeconfig_file: y, follow_redirects: false}",
      "kubeconfig_file",
      "HTTP client settings",
    ],
    ["{role: pod, tls_config: {insecure_skip_verify: true}}", "api_server", "is missing"],
    ["{role: pod, oauth2: {}, api_server: 'http://x'}", "oauth2", "not supported"],
    ["{role: pod, api_server: 'x:y:z'}", "api_server", "not an http or https URL"],
    [
      "{role: pod, api_server: 'http://x', namespaces: {own_namespace: true}}",
      "namespaces.own_namespace",
      "contradicts api_server",
    ],
    [
      "{role: pod, kubeconfig_file: y, namespaces: {own_namespace: true}}",
      "namespaces.own_namespace",
      "contradicts kubeconfig_file",
    ],
    [
      "{role: pod, namespaces: {own_namespace: perhaps}}",
      "namespaces.own_namespace",
      "neither true nor false",
    ],
    [
      "{role: pod, selectors: [{role: pod}, {role: pod}]}",
      "selectors[1].role",
      "a second selector",
    ],
    [
      "{role: pod, selectors: [{role: service}]}",
      "selectors[0].role",
      "pod role supports only pod, node selectors",
    ],
    [
      "{role: endpoints, selectors: [{role: node}]}",
      "selectors[0].role",
      "endpoints role supports only pod, service, endpoints selectors",
    ],
    [
      "{role: pod, selectors: [{role: pod, field: status.phase}]}",
      "selectors[0].field",
      "path=value",
    ],
    [
      "{role: pod, selectors: [{role: pod, label: 'a in b'}]}",
      "selectors[0].label",
      "cannot be read",
    ],
    [
      "{role: pod, selectors: [{role: pod, label: 'a=b c'}]}",
      "selectors[0].label",
      "cannot be read",
    ],
    ["{role: pod, selectors: [{role: pod, label: '-a'}]}", "selectors[0].label", "not a label key"],
    ["{role: pod, namespaces: [a]}", "namespaces", "not a mapping"],
  ])("%s is refused with file, job, key and reason", (config, key, reason) => {
    expect(() => one(config)).toThrow(
      expect.objectContaining({
        code: "DISCOVERY_CONFIG_INVALID",
        message: expect.stringContaining(
          `/etc/prometheus/prometheus.yml: job "j": kubernetes_sd_configs[0].${key}: `,
        ),
      }),
    );
    expect(() => one(config)).toThrow(reason);
  });

  test("says everything that is wrong, job by job", () => {
    const yaml = `
jobs:
  - job_name: a
    kubernetes_sd_configs: [{ role: x }]
  - kubernetes_sd_configs: []
  - job_name: c
    relabel_configs: [{ regex: "[" }]
  - job_name: d
  - job_name: d
    scrape_interval: soon`;
    expect(() => jobs(yaml, "f.yml")).toThrow(
      new RegExp(
        [
          '^f.yml: job "a": kubernetes_sd_configs\\[0\\].role: .*',
          'f.yml: job "#2": job_name: is missing',
          'f.yml: job "c": relabel_configs\\[0\\].target_label: is missing.*',
          'f.yml: job "d": scrape_interval: "soon" is not a duration such as 1m30s$',
        ].join("\n"),
      ),
    );
    expect(() => jobs("jobs: [{job_name: d}, {job_name: d}]")).toThrow(
      'job "d": job_name: there are two',
    );
  });

  test.each([
    "a: [",
    "jobs: {}",
    "[]",
    "just text",
    "other: 1",
    "jobs: [{job_name: a, job_name: b}]",
  ])("%j is refused", (yaml) => {
    expect(() => jobs(yaml)).toThrow(expect.objectContaining({ code: "DISCOVERY_CONFIG_INVALID" }));
  });
});

test("every configuration in the documentation is one", () => {
  const page = readFileSync(new URL("../../../docs/discovery.md", import.meta.url), "utf8");
  const blocks = [...page.matchAll(/```yaml\n(jobs:.*?)```/gs)].map(([, yaml = ""]) => yaml);
  expect(blocks.length).toBeGreaterThan(1);
  for (const yaml of blocks) expect(jobs(yaml).length).toBeGreaterThan(0);
});
