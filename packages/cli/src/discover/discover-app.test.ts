import {
  parseConfiguration,
  Publication,
  type DiscoveryState,
  type JobState,
} from "@kube-state-mosaic/discovery";
import { createLogger } from "@kube-state-mosaic/telemetry";
import { describe, expect, test } from "vitest";
import { discoverApp } from "./discover-app.ts";

const [job] = parseConfiguration(
  JSON.stringify({
    jobs: [
      {
        job_name: "monitoring/web",
        relabel_configs: [{ source_labels: ["__meta_drop"], regex: "yes", action: "drop" }],
      },
    ],
  }),
  "test.yml",
);
const targets = [
  new Map([["__address__", "10.0.0.1:80"]]),
  new Map([
    ["__address__", "10.0.0.2:80"],
    ["__meta_drop", "yes"],
    ["note", '<script>"&'],
  ]),
];
const complete: JobState = {
  job: job!,
  groups: [{ source: "pod/a/b", targets, labels: new Map() }],
  complete: true,
  problems: [],
  stuck: false,
};

function appOf(jobState: JobState) {
  const publication = new Publication({ relabeled: false });
  const state: DiscoveryState = new Map([["monitoring/web", jobState]]);
  publication.update(state);
  return discoverApp(publication, createLogger({ format: "text", level: "error" }));
}

describe("http_sd", () => {
  const app = appOf(complete);

  test("answers JSON in the form that Prometheus accepts, never compressed", async () => {
    const response = await app.request("/sd/monitoring/web", {
      headers: { "accept-encoding": "gzip" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.json()).toEqual([
      { targets: ["10.0.0.1:80"], labels: {} },
      { targets: ["10.0.0.2:80"], labels: { __meta_drop: "yes", note: '<script>"&' } },
    ]);
    expect((await app.request("/sd/monitoring%2Fweb")).status).toBe(200);
  });

  test("answers 304 to the tag it has given, and the list to another", async () => {
    const etag = (await app.request("/sd/monitoring/web")).headers.get("etag") ?? "";
    const ask = (tag: string) =>
      app.request("/sd/monitoring/web", { headers: { "if-none-match": tag } });
    expect(etag).toMatch(/^W\//);
    for (const tag of [etag, etag.slice(2), `"x", ${etag}`, "*"])
      expect((await ask(tag)).status).toBe(304);
    expect((await ask('W/"x"')).status).toBe(200);
  });

  test("answers 503 with the reason before the first complete state, and 404 for jobs there are not", async () => {
    const waiting = appOf({
      ...complete,
      complete: false,
      groups: [],
      problems: ["pods: forbidden"],
    });
    const response = await waiting.request("/sd/monitoring/web");
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("pods: forbidden");
    expect((await app.request("/sd/other")).status).toBe(404);
    expect((await app.request("/sd/")).status).toBe(404);
  });

  test("gives out one shard of the targets", async () => {
    const shards = [0, 1, 2].map(async (shard) =>
      (await app.request(`/sd/monitoring/web?shard=${shard}&total=3`)).json(),
    );
    const lists = (await Promise.all(shards)) as unknown[][];
    expect(lists.flat()).toHaveLength(2);
  });

  test.each([
    "shard=0",
    "total=3",
    "shard=3&total=3",
    "shard=0&total=0",
    "shard=-1&total=2",
    "shard=a&total=2",
    "shard=0&total=99999999",
  ])("refuses ?%s", async (query) => {
    const response = await app.request(`/sd/monitoring/web?${query}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/shard|total/);
  });
});

describe("the pages", () => {
  test("list the jobs with their targets and what they wait for", async () => {
    const waiting = appOf({ ...complete, complete: false, problems: ["pods: <forbidden>"] });
    const html = await (await waiting.request("/")).text();
    expect(html).toContain('<a href="/targets/monitoring/web">monitoring/web</a>');
    expect(html).toContain('<a href="/sd/monitoring/web">');
    expect(html).toContain("pods: &#60;forbidden&#62;");
    expect(html).toMatch(/<td class="waiting">waiting<\/td>\s*<td>2<\/td>/);
  });

  test("show targets before and after relabeling, and which rule dropped one at which value", async () => {
    const app = appOf(complete);
    const html = await (await app.request("/targets/monitoring/web")).text();
    expect(html).toContain("1 to 2 of 2 targets");
    expect(html).toContain('<b>job</b>="monitoring/web"');
    expect(html).toMatch(
      /dropped<\/strong>: relabel_configs\[0\]: .*__meta_drop.* with the value &#34;yes&#34;/,
    );
    expect(html).not.toContain("<script>");
    const found = await (await app.request("/targets/monitoring/web?search=0.0.2")).text();
    expect(found).toContain("1 to 1 of 1 targets");
    expect((await app.request("/targets/other")).status).toBe(404);
  });

  test("of a large job come in parts", async () => {
    const many = Array.from({ length: 450 }, (_, at) => new Map([["__address__", `h${at}:1`]]));
    const app = appOf({ ...complete, groups: [{ source: "s", targets: many, labels: new Map() }] });
    const first = await (await app.request("/targets/monitoring/web")).text();
    expect(first).toContain("1 to 200 of 450 targets");
    expect(first).toContain('href="?search=&#38;offset=200"');
    const last = await (await app.request("/targets/monitoring/web?offset=400")).text();
    expect(last).toContain("401 to 450 of 450 targets");
    expect(last).not.toContain(">next<");
  });
});
