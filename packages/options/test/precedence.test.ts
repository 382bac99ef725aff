import { describe, expect, test } from "vitest";

import { optionsOf, parse, problemsOf, warningsOf } from "./parse.ts";

describe("precedence", () => {
  const env = { KUBE_STATE_MOSAIC_PORT: "1", KUBE_STATE_MOSAIC_RESOURCES: "pods" };
  const files = { c: "port: 3\nresources: {secrets: {}}\n" };

  test("the file wins over the flag, the flag over the environment, the environment over the default", () => {
    expect(optionsOf("").port).toBe(8080);
    expect(optionsOf("", { env }).port).toBe(1);
    expect(optionsOf("--port=2", { env }).port).toBe(2);
    expect(optionsOf("--port=2 --config=c", { env, files }).port).toBe(3);
  });

  test("lists of different origin replace each other", () => {
    expect(optionsOf("--resources=nodes", { env }).resources).toEqual(["nodes"]);
    expect(optionsOf("--resources=nodes --config=c", { files }).resources).toEqual(["secrets"]);
  });

  test("of a flag given twice the last counts, as after the arguments of an image", () => {
    expect(optionsOf("--port=8080 --telemetry-port=8081 --port=9090").port).toBe(9090);
  });

  test("the environment may name the config file", () => {
    expect(optionsOf("", { env: { KUBE_STATE_MOSAIC_CONFIG: "c" }, files }).port).toBe(3);
  });

  test("an empty variable counts as unset", () => {
    expect(optionsOf("", { env: { KUBE_STATE_MOSAIC_PORT: "" } }).port).toBe(8080);
  });

  test("the variables Kubernetes makes for a Service of our name are no settings", () => {
    const service = {
      KUBE_STATE_MOSAIC_PORT: "tcp://10.0.0.1:8080",
      KUBE_STATE_MOSAIC_PORT_8080_TCP: "tcp://10.0.0.1:8080",
      KUBE_STATE_MOSAIC_PORT_8080_TCP_ADDR: "10.0.0.1",
      KUBE_STATE_MOSAIC_SERVICE_HOST: "10.0.0.1",
      KUBE_STATE_MOSAIC_SERVICE_PORT: "8080",
      KUBE_STATE_MOSAIC_SERVICE_PORT_HTTP_METRICS: "8080",
      KUBE_STATE_MOSAIC_COORDINATOR_SERVICE_HOST: "10.0.0.2",
    };
    expect(optionsOf("", { env: service }).port).toBe(8080);
    expect(warningsOf("", { env: service })).toEqual([]);
  });

  test("a variable that names no flag is a warning with the nearest name", () => {
    expect(
      warningsOf("", { env: { KUBE_STATE_MOSAIC_SHARDS: "1", KUBE_STATE_MOSAIC_SHRD: "1" } })[1],
    ).toBe(
      "KUBE_STATE_MOSAIC_SHRD is ignored: no flag has this name; did you mean KUBE_STATE_MOSAIC_SHARD?",
    );
  });

  test("an old name has no variable", () => {
    const env = { KUBE_STATE_MOSAIC_NAMESPACE: "a" };
    expect(optionsOf("", { env }).namespaces).toEqual([]);
    expect(warningsOf("", { env })).toEqual([
      "KUBE_STATE_MOSAIC_NAMESPACE is ignored: no flag has this name; did you mean KUBE_STATE_MOSAIC_NAMESPACES?",
    ]);
  });

  test("variables and keys of other commands are left alone", () => {
    const around = {
      env: { KUBE_STATE_MOSAIC_SHARD: "x", KUBE_STATE_MOSAIC_ON_MISSING_SHARD: "x" },
      files: { c: "shard: x" },
    };
    expect(problemsOf("demo --config=c", around)).toEqual([]);
    expect(warningsOf("demo --config=c", around)).toEqual([]);
  });
});

describe("the config file", () => {
  const withFile = (text: string) => ({ files: { c: text } });

  test("an empty mapping leaves a set as the flag has it, but empties an allow map", () => {
    const line =
      "--config=c --resources=pods --metric-denylist=x --metric-labels-allowlist=pods=[a]";
    const options = optionsOf(
      line,
      withFile("resources: {}\nmetric_denylist: {}\nlabels_allow_list: {}"),
    );
    expect(options.resources).toEqual(["pods"]);
    expect(options.metricDenylist).toEqual(["x"]);
    expect(options.metricLabelsAllowlist).toEqual({});
  });

  test("a sequence of namespaces replaces the flag, also an empty one", () => {
    const line = "--config=c --namespaces=a --namespaces-denylist=b";
    const options = optionsOf(line, withFile("namespaces: []\nnamespaces_denylist: [c, c]"));
    expect(options.namespaces).toEqual([]);
    expect(options.namespacesDenylist).toEqual(["c", "c"]);
  });

  test.each(["port:", "port: ~", "port: null", "", "# nothing\n", "---\n---\nport: 1"])(
    "%j sets no port",
    (text) => {
      expect(optionsOf("--config=c --port=2", withFile(text)).port).toBe(2);
    },
  );

  test("only the first document counts, anchors are followed, quotes do not matter", () => {
    const text = `port: "81"\nnamespaces: &n [a]\nnamespaces_denylist: *n\n---\nport: 82`;
    const options = optionsOf("--config=c", withFile(text));
    expect([options.port, options.namespacesDenylist]).toEqual([81, ["a"]]);
  });

  test("a duration is Go's syntax, or nanoseconds as a bare number", () => {
    const options = optionsOf(
      "--config=c",
      withFile("server_read_timeout: 1.5h\nserver_idle_timeout: 90000000000"),
    );
    expect([options.serverReadTimeout, options.serverIdleTimeout]).toEqual([5_400_000, 90_000]);
  });

  test("the old key of the custom resource file counts only where nothing else names a file", () => {
    const old = withFile("custom_resource_config_file: old");
    expect(optionsOf("--config=c", old).customResourceStateConfigFile).toBe("old");
    expect(warningsOf("--config=c", old)).toEqual([
      "custom_resource_config_file (in c) is the old name of custom_resource_state_config_file",
    ]);
    const line = "--config=c --custom-resource-state-config-file=new";
    expect(optionsOf(line, old).customResourceStateConfigFile).toBe("new");
    expect(warningsOf(line, old)).toEqual([]);
  });

  test("an unknown key is a warning with the nearest key; help is known", () => {
    expect(warningsOf("--config=c", withFile("total-shards: 2\nhelp: true"))).toEqual([
      "total-shards (in c) is ignored: no setting has this name; did you mean total_shards?",
    ]);
  });

  test.each([
    ["[a]", "--config=c: not a YAML mapping of settings"],
    ["a: [", /^--config=c: not YAML: /],
    ["port: 1\nport: 2", /^--config=c: not YAML: Map keys must be unique/],
    ["resources: [pods]", "resources: [pods] (in c): not a mapping such as {a: {}, b: {}}"],
    [
      "resources: {pods: 1}",
      'resources: {pods: 1} (in c): not a mapping such as {a: {}, b: {}}: "pods" has a value',
    ],
    ["namespaces: a", "namespaces: a (in c): not a sequence such as [a, b]"],
    ["namespaces: [{a: b}]", "namespaces: [{a: b}] (in c): not a sequence such as [a, b]"],
    [
      "labels_allow_list: {pods: app}",
      "labels_allow_list: {pods: app} (in c): not a mapping such as {pods: [app, team]}",
    ],
    [
      "labels_allow_list: {pods: ['*a*']}",
      'labels_allow_list: {pods: [*a*]} (in c): wrong in the key "*a*" of pods: a key may have one * only',
    ],
    ["port: {a: b}", "port: {a: b} (in c): not a single value"],
    ["port: 80.5", "port: 80.5 (in c): not a whole number such as 8080"],
    ["auth_filter: maybe", "auth_filter: maybe (in c): neither true nor false"],
    ["shard: &a [*a]", /^shard: .* \(in c\): not a single value$/],
  ])("%s is an error that names the key", (text, problem) => {
    const [first, ...more] = problemsOf("--config=c", withFile(text));
    expect(problem instanceof RegExp ? problem.exec(first ?? "")?.input : problem).toBe(first);
    expect(more).toEqual([]);
  });

  test("a missing file is an error that names the way out, or a warning with it", () => {
    expect(problemsOf("--config=c")).toEqual([
      "--config=c: the file does not exist; create it or add --continue-without-config",
    ]);
    expect(warningsOf("--config=c --continue-without-config")).toEqual([
      "--config=c: the file does not exist yet",
    ]);
  });

  test("a wrong file makes a process wait that may go on without it", () => {
    expect(parse("--config=c --continue-without-config", withFile("port: x"))).toEqual({
      kind: "wait",
      configFile: "c",
      problems: ["port: x (in c): not a whole number such as 8080"],
    });
  });

  test("what is wrong with flags is no reason to wait", () => {
    const parsed = parse("--config=c --continue-without-config --shard=x", withFile("port: x"));
    expect(parsed).toEqual({
      kind: "error",
      exitCode: 1,
      problems: [
        "--shard=x: not a whole number such as 8080",
        "port: x (in c): not a whole number such as 8080",
      ],
    });
  });
});
