import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  FileSd,
  parseConfiguration,
  Publication,
  type DiscoveryState,
  type Job,
  type TargetGroup,
  type TargetShard,
} from "../src/index.ts";

const jobOf = (rules: readonly object[] = []): Job =>
  parseConfiguration(
    JSON.stringify({ jobs: [{ job_name: "web", scheme: "https", relabel_configs: rules }] }),
    "test.yml",
  )[0]!;

const groupOf = (
  source: string,
  targets: readonly Record<string, string>[],
  labels: Record<string, string> = {},
): TargetGroup => ({
  source,
  targets: targets.map((target) => new Map(Object.entries(target))),
  labels: new Map(Object.entries(labels)),
});

const stateOf = (job: Job, groups: readonly TargetGroup[], complete = true): DiscoveryState =>
  new Map([
    ["web", { job, groups, complete, problems: complete ? [] : ["pods: forbidden"], stuck: false }],
  ]);

function published(state: DiscoveryState, relabeled = false): Publication {
  const publication = new Publication({ relabeled });
  publication.update(state);
  return publication;
}

function listOf(publication: Publication, shard?: TargetShard): unknown {
  const list = publication.list("web", shard);
  return list.kind === "list" ? JSON.parse(list.body()) : list;
}

const etagOf = (publication: Publication, shard?: TargetShard): string => {
  const list = publication.list("web", shard);
  return list.kind === "list" ? list.etag : list.kind;
};

describe("a job's list", () => {
  test("joins targets with equal labels; a target's label wins over the group's, and empty ones are left out", () => {
    const group = groupOf(
      "a",
      [
        { __address__: "a:1", x: "1" },
        { __address__: "a:2", x: "1" },
        { __address__: "a:3", g: "", __meta_b: "2" },
      ],
      { g: "group", x: "0", empty: "" },
    );
    expect(listOf(published(stateOf(jobOf(), [group])))).toEqual([
      { targets: ["a:1", "a:2"], labels: { g: "group", x: "1" } },
      { targets: ["a:3"], labels: { __meta_b: "2", x: "0" } },
    ]);
  });

  test("is empty only when there really are no targets; before, it is unavailable, and of unknown jobs unknown", () => {
    expect(listOf(published(stateOf(jobOf(), [])))).toEqual([]);
    expect(listOf(published(stateOf(jobOf(), [], false)))).toEqual({
      kind: "unavailable",
      reason: "pods: forbidden",
    });
    expect(published(new Map()).list("web")).toEqual({ kind: "unknown" });
  });

  test("keeps an address that is empty before relabeling, since relabeling may set it", () => {
    const group = groupOf("a", [{ __address__: "", __meta_host: "h" }]);
    expect(listOf(published(stateOf(jobOf(), [group])))).toEqual([
      { targets: [""], labels: { __meta_host: "h" } },
    ]);
  });

  test("after relabeling has no dropped and no invalid targets, no __meta_ labels, and of the job's defaults only what was changed", () => {
    const job = jobOf([
      { source_labels: ["__meta_drop"], regex: "yes", action: "drop" },
      { source_labels: ["__meta_path"], regex: "(.+)", target_label: "__metrics_path__" },
      { source_labels: ["__scheme__"], target_label: "scheme" },
    ]);
    const group = groupOf(
      "a",
      [
        { __address__: "a:1" },
        { __address__: "a:2", __meta_drop: "yes" },
        { __address__: "a:3", __meta_path: "/x" },
        { __address__: "a/b" },
        { __address__: "" },
      ],
      { __meta_g: "1" },
    );
    expect(listOf(published(stateOf(job, [group]), true))).toEqual([
      { targets: ["a:1"], labels: { scheme: "https" } },
      { targets: ["a:3"], labels: { __metrics_path__: "/x", scheme: "https" } },
    ]);
  });

  test("of all shards together is the whole, each target by the hash of its address", () => {
    const targets = ["10.0.0.1:8080", "10.0.0.2:8080", "10.244.1.5:8080"];
    const group = groupOf(
      "a",
      targets.map((__address__) => ({ __address__ })),
      { a: "b" },
    );
    const publication = published(stateOf(jobOf(), [group]));
    expect([0, 1, 2].map((index) => listOf(publication, { index, total: 3 }))).toEqual([
      [{ targets: ["10.0.0.1:8080"], labels: { a: "b" } }],
      [{ targets: ["10.0.0.2:8080"], labels: { a: "b" } }],
      [{ targets: ["10.244.1.5:8080"], labels: { a: "b" } }],
    ]);
    expect(etagOf(publication, { index: 0, total: 3 })).not.toBe(etagOf(publication));
  });

  test("keeps its tag while it says the same, also in another process", () => {
    const job = jobOf();
    const group = (x: string): TargetGroup => groupOf("a", [{ __address__: "a:1", x }]);
    const publication = published(stateOf(job, [group("1")]));
    const first = etagOf(publication);
    expect(first).toMatch(/^W\/"[\w-]+"$/);
    publication.update(stateOf(job, [group("1")]));
    expect(etagOf(publication)).toBe(first);
    expect(etagOf(published(stateOf(jobOf(), [group("1")])))).toBe(first);
    publication.update(stateOf(job, [group("2")]));
    expect(etagOf(publication)).not.toBe(first);
    publication.update(stateOf(job, [group("2")], false));
    expect(etagOf(publication)).toBe("unavailable");
  });

  test("of a changed configuration follows the new rules", () => {
    const groups = [groupOf("a", [{ __address__: "a:1" }])];
    const publication = published(stateOf(jobOf(), groups), true);
    expect(listOf(publication)).toHaveLength(1);
    publication.update(stateOf(jobOf([{ action: "drop" }]), groups));
    expect(listOf(publication)).toEqual([]);
  });
});

describe("a file for file_sd", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "file-sd-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const content = (text: string) => ({ etag: text, body: () => text });

  test("is written when its content changes, as a new file in place of the old one", async () => {
    const files = new FileSd(join(directory, "targets"));
    expect(await files.write("a/b", content("[]"))).toBe(true);
    const path = join(directory, "targets", "a%2Fb.json");
    const { ino } = await stat(path);
    expect(await files.write("a/b", content("[]"))).toBe(false);
    expect((await stat(path)).ino).toBe(ino);
    expect(await files.write("a/b", content("[1]"))).toBe(true);
    expect((await stat(path)).ino).not.toBe(ino);
    expect(await readFile(path, "utf8")).toBe("[1]");
    expect(await readdir(join(directory, "targets"))).toEqual(["a%2Fb.json"]);
  });

  test("is left alone by a new process that has nothing else to say", async () => {
    await writeFile(join(directory, "a.json"), "[]");
    const { ino } = await stat(join(directory, "a.json"));
    expect(await new FileSd(directory).write("a", content("[]"))).toBe(false);
    expect((await stat(join(directory, "a.json"))).ino).toBe(ino);
  });

  test("is removed with its job, and others' files are not", async () => {
    await writeFile(join(directory, "foreign.json"), "[]");
    const files = new FileSd(directory);
    await files.write("a", content("[1]"));
    await files.write("b", content("[2]"));
    await files.keepOnly(new Set(["b"]));
    expect((await readdir(directory)).toSorted()).toEqual(["b.json", "foreign.json"]);
  });

  test("that cannot be written is an error that names it", async () => {
    await writeFile(join(directory, "file"), "");
    const files = new FileSd(join(directory, "file"));
    await expect(files.write("a", content("[]"))).rejects.toMatchObject({
      code: "FILE_SD_UNWRITABLE",
      message: expect.stringContaining("a.json cannot be written"),
    });
  });
});
