import { expect, test } from "vitest";
import { createApp } from "./app.ts";
import { commandLine, profilingRoutes } from "./profiling-routes.ts";

function app() {
  const created = createApp();
  profilingRoutes(created);
  return created;
}

/** Something for a profile to show. */
function spinUntil(over: () => boolean): string[] {
  const kept: string[] = [];
  const step = () => {
    for (let count = 0; count < 1_000; count++) kept.push(`ferry ${count * Math.random()}`);
    if (kept.length > 200_000) kept.length = 0;
    if (!over()) setImmediate(step);
  };
  step();
  return kept;
}

test.each([
  ["profile", "profile.cpuprofile"],
  ["heap", "heap.heapprofile"],
])("%s is a profile of V8 that names the functions that ran", async (name, file) => {
  let over = false;
  spinUntil(() => over);
  const response = await app().request(`/debug/pprof/${name}?seconds=0.2`);
  over = true;
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${file}"`);
  const body = await response.text();
  expect(Object.keys(JSON.parse(body))).toContain(name === "heap" ? "head" : "nodes");
  expect(body).toContain('"functionName":"step"');
  expect(body).not.toContain("ferry ");
});

test("one profile is taken at a time", async () => {
  const profiled = app();
  const first = profiled.request("/debug/pprof/profile?seconds=0.1");
  const second = await profiled.request("/debug/pprof/heap?seconds=0.1");
  expect([second.status, await second.text()]).toEqual([
    409,
    "Another profile is being taken; try again after it.\n",
  ]);
  expect((await first).status).toBe(200);
  expect((await profiled.request("/debug/pprof/heap?seconds=0.01")).status).toBe(200);
});

test("a profile ends when its reader goes away", async () => {
  const profiled = app();
  const reader = new AbortController();
  const { signal } = reader;
  const first = profiled.request("/debug/pprof/profile?seconds=200", { signal });
  expect((await profiled.request("/debug/pprof/heap?seconds=0.01")).status).toBe(409);
  reader.abort();
  await first;
  expect((await profiled.request("/debug/pprof/heap?seconds=0.01")).status).toBe(200);
});

test("more than five minutes are refused", async () => {
  const response = await app().request("/debug/pprof/profile?seconds=301");
  expect([response.status, await response.text()]).toEqual([
    400,
    "A profile takes at most 300 seconds.\n",
  ]);
});

test("the index links what there is, and is where its name without slash leads", async () => {
  const html = await (await app().request("/debug/pprof/")).text();
  for (const name of ["profile", "heap", "cmdline"]) expect(html).toContain(`<a href="${name}`);
  const redirect = await app().request("/debug/pprof");
  expect([redirect.status, redirect.headers.get("location")]).toEqual([301, "/debug/pprof/"]);
});

test("the command line has its arguments separated by NUL", async () => {
  const response = await app().request("/debug/pprof/cmdline");
  expect((await response.text()).split("\0")).toEqual(process.argv);
});

test("the password in a URL of the command line is not shown", () => {
  const argv = ["worker", "--redis=redis://user:secret@redis:6379/0", "--apiserver=https://a:1"];
  expect(commandLine(argv)).toBe(
    "worker\0--redis=redis://user:***@redis:6379/0\0--apiserver=https://a:1",
  );
});

test.each([
  ["symbol", 501, /profiles of Node name functions/],
  ["trace", 501, /no execution traces/],
  ["goroutine", 404, /^Unknown profile\n$/],
])("%s is %d with a sentence", async (name, status, sentence) => {
  const response = await app().request(`/debug/pprof/${name}`);
  expect(response.status).toBe(status);
  expect(await response.text()).toMatch(sentence);
});
