import { expect, test } from "vitest";
import { configHash } from "./config-hash.ts";
import { mosaicMetrics } from "./mosaic-metrics.ts";
import { customResourceMetrics, referenceMetrics } from "./self-metrics.ts";
import { createTelemetry } from "./telemetry.ts";

test("families are sorted by name and their series by labels; those without series are absent", async () => {
  const telemetry = createTelemetry();
  const b = telemetry.counter({ name: "b_total", help: "B.", labels: ["x"] });
  telemetry.gauge({ name: "c", help: "C.", labels: ["x"] });
  const a = telemetry.gauge({ name: "a", help: "A." });
  b.add(2, { x: "z" });
  b.add(1, { x: "y" });
  b.add(1, { x: "z" });
  a.set(-1.5);
  expect(await telemetry.text()).toBe(
    [
      "# HELP a A.",
      "# TYPE a gauge",
      "a -1.5",
      "# HELP b_total B.",
      "# TYPE b_total counter",
      'b_total{x="y"} 1',
      'b_total{x="z"} 3',
      "",
    ].join("\n"),
  );
});

test("only the named families are shown when names are given", async () => {
  const telemetry = createTelemetry();
  telemetry.gauge({ name: "a", help: "A." }).set(1);
  telemetry.gauge({ name: "b", help: "B." }).set(1);
  expect(await telemetry.text(new Set(["b", "unknown"]))).toBe(
    "# HELP b B.\n# TYPE b gauge\nb 1\n",
  );
  expect(await telemetry.text(new Set())).toBe("");
});

test("series end when they are removed, all of them when the gauge is cleared", async () => {
  const telemetry = createTelemetry();
  const gauge = telemetry.gauge({ name: "g", help: "G.", labels: ["x"] });
  gauge.set(1, { x: "a" });
  gauge.add(2, { x: "b" });
  gauge.remove({ x: "a" });
  gauge.remove({ x: "unknown" });
  expect(await telemetry.text()).toBe('# HELP g G.\n# TYPE g gauge\ng{x="b"} 2\n');
  gauge.clear();
  expect(await telemetry.text()).toBe("");
});

test("values that need looking are set before each text, and a failing look rejects", async () => {
  const telemetry = createTelemetry();
  const gauge = telemetry.gauge({ name: "g", help: "G." });
  let looks = 0;
  telemetry.onCollect(() => gauge.set(++looks));
  await telemetry.text();
  expect(await telemetry.text()).toMatch(/^g 2$/m);
  telemetry.onCollect(() => {
    throw new Error("cannot look");
  });
  await expect(telemetry.text()).rejects.toThrow("cannot look");
});

test("a name can be defined once", () => {
  const telemetry = createTelemetry();
  telemetry.gauge({ name: "g", help: "G." });
  expect(() => telemetry.gauge({ name: "g", help: "G." })).toThrow("already been registered");
});

test("buckets of a histogram stay in ascending order and count cumulatively", async () => {
  const telemetry = createTelemetry();
  const histogram = telemetry.histogram({ name: "h", help: "H.", buckets: [2, 10] });
  for (const value of [1, 5, 50]) histogram.observe(value);
  const lines = (await telemetry.text()).split("\n");
  expect(lines.slice(2)).toEqual([
    'h_bucket{le="2"} 1',
    'h_bucket{le="10"} 2',
    'h_bucket{le="+Inf"} 3',
    "h_sum 56",
    "h_count 3",
    "",
  ]);
});

test("labels are sorted by name with le last, series by label values, histograms in one piece", async () => {
  const telemetry = createTelemetry();
  const histogram = telemetry.histogram({
    name: "h",
    help: "H \\ two\nlines.",
    labels: ["z", "a"],
    buckets: [9, 10],
  });
  histogram.observe(9.5, { z: "2", a: "x" });
  histogram.observe(1, { z: "1", a: "x" });
  expect(await telemetry.text()).toBe(
    [
      "# HELP h H \\\\ two\\nlines.",
      "# TYPE h histogram",
      'h_bucket{a="x",z="1",le="9"} 1',
      'h_bucket{a="x",z="1",le="10"} 1',
      'h_bucket{a="x",z="1",le="+Inf"} 1',
      'h_sum{a="x",z="1"} 1',
      'h_count{a="x",z="1"} 1',
      'h_bucket{a="x",z="2",le="9"} 0',
      'h_bucket{a="x",z="2",le="10"} 1',
      'h_bucket{a="x",z="2",le="+Inf"} 1',
      'h_sum{a="x",z="2"} 9.5',
      'h_count{a="x",z="2"} 1',
      "",
    ].join("\n"),
  );
});

test("label values are escaped, and numbers that are none have their own words", async () => {
  const telemetry = createTelemetry();
  const gauge = telemetry.gauge({ name: "g", help: "G.", labels: ["x"] });
  gauge.set(Number.NaN, { x: 'a"b\\c\nd' });
  gauge.set(Number.POSITIVE_INFINITY, { x: "b" });
  gauge.set(Number.NEGATIVE_INFINITY, { x: "c" });
  gauge.set(1.5e-9, { x: "d" });
  expect((await telemetry.text()).split("\n").slice(2, -1)).toEqual([
    'g{x="a\\"b\\\\c\\nd"} NaN',
    'g{x="b"} +Inf',
    'g{x="c"} -Inf',
    'g{x="d"} 1.5e-9',
  ]);
});

test("the process families tell about the running Node process", async () => {
  const telemetry = createTelemetry();
  telemetry.collectProcessMetrics();
  const text = await telemetry.text();
  for (const name of [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "nodejs_heap_size_used_bytes",
    "nodejs_eventloop_lag_p99_seconds",
  ])
    expect(text).toMatch(new RegExp(`^${name} `, "m"));
});

test("the reference's families have their names and labels, and the counters of definitions start at 0", async () => {
  const telemetry = createTelemetry();
  const metrics = referenceMetrics(telemetry);
  customResourceMetrics(telemetry);
  metrics.listTotal.add(1, { resource: "*v1.Pod", result: "success" });
  metrics.watchTotal.add(1, { resource: "*v1.Pod", result: "error" });
  metrics.requestDuration.observe(0.003, { handler: "metrics", method: "get" });
  metrics.setShard(0, 3);
  metrics.setShard(1, 4);
  const text = await telemetry.text();
  expect(text.split("\n").filter((line) => !/^(#|http_request.*(bucket|sum))/.test(line))).toEqual([
    'http_request_duration_seconds_count{handler="metrics",method="get"} 1',
    "kube_state_metrics_custom_resource_state_add_events_total 0",
    "kube_state_metrics_custom_resource_state_cache 0",
    "kube_state_metrics_custom_resource_state_delete_events_total 0",
    "kube_state_metrics_custom_resource_state_update_events_total 0",
    'kube_state_metrics_list_total{resource="*v1.Pod",result="success"} 1',
    'kube_state_metrics_shard_ordinal{shard_ordinal="1"} 1',
    "kube_state_metrics_total_shards 4",
    'kube_state_metrics_watch_total{resource="*v1.Pod",result="error"} 1',
    "",
  ]);
});

test("every family of our own has our prefix, and none of the reference's names is taken", async () => {
  const telemetry = createTelemetry();
  referenceMetrics(telemetry);
  const metrics = mosaicMetrics(telemetry);
  metrics.resourceSynced.set(1, { resource: "pods" });
  metrics.relists.add(1, { resource: "pods", reason: "expired" });
  const text = await telemetry.text(
    new Set(["kube_state_mosaic_resource_synced", "kube_state_mosaic_relists_total"]),
  );
  expect(text.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
    'kube_state_mosaic_relists_total{reason="expired",resource="pods"} 1',
    'kube_state_mosaic_resource_synced{resource="pods"} 1',
    "",
  ]);
});

test.each([
  ["", 617830161876],
  ['foo: "bar"\n', 269985650071129],
  ["resources:\n  pods: {}\n", 169057364255429],
])("the configuration %j has the hash %d", (content, hash) => {
  expect(configHash(Buffer.from(content))).toBe(hash);
});
