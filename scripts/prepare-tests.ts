import { rm, writeFile } from "node:fs/promises";
import { buildPrograms, findProgram, run } from "@kube-state-mosaic/control-plane";
import { messageOf } from "@kube-state-mosaic/errors";
import { buildDiscoveryOracle, discoveryOracle } from "../test/e2e/discovery-oracle.ts";

/** What the tests use beyond the npm packages. `path` is `undefined` where it cannot be had; `reason` then says why. */
export interface Component {
  readonly name: string;
  readonly path: string | undefined;
  readonly reason?: string;
  /** What is left out without it. */
  readonly tests: string;
}

interface Wanted {
  readonly name: string;
  readonly programs: readonly string[];
  readonly debianPackage: string;
  readonly tests: string;
}

const wanted: readonly Wanted[] = [
  {
    name: "redis-server",
    programs: ["redis-server"],
    debianPackage: "redis-server",
    tests: "the Redis registry",
  },
  {
    name: "prometheus",
    programs: ["prometheus"],
    debianPackage: "prometheus",
    tests: "scrapes by a real Prometheus",
  },
  {
    name: "promtool",
    programs: ["promtool"],
    debianPackage: "prometheus",
    tests: "promtool's checks of metrics and rules",
  },
  {
    name: "chromium",
    programs: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    debianPackage: "chromium",
    tests: "the status page in a browser",
  },
];

async function built(
  name: string,
  tests: string,
  build: () => Promise<string>,
): Promise<Component> {
  try {
    return { name, tests, path: await build() };
  } catch (error) {
    return { name, tests, path: undefined, reason: messageOf(error) };
  }
}

/** Finds what the tests need and gets what is missing: by `apt-get` where that is possible, the control plane by building it. Changes nothing when all is there. */
export async function prepareTests(
  report: (line: string) => void = (line) => console.log(line),
): Promise<readonly Component[]> {
  const reasons = await install(wanted.filter((component) => !find(component)));
  const components: Component[] = wanted.map((component) => {
    const { name, tests } = component;
    const path = find(component);
    if (path !== undefined) return { name, tests, path };
    return { name, tests, path, reason: reasons.get(component.debianPackage) ?? "not on PATH" };
  });
  components.push(
    await built("control plane", "everything end to end: there is no API server", async () => {
      const { apiserver } = await buildPrograms(report);
      return apiserver;
    }),
    await built("discovery", "the comparison with Prometheus's own discovery", async () => {
      if ((await discoveryOracle()) === undefined)
        report("building a Prometheus with Kubernetes discovery: about 4 minutes");
      return buildDiscoveryOracle();
    }),
  );
  for (const component of components)
    report(
      `${component.name.padEnd(14)} ${component.path ?? `MISSING: ${component.reason}. Left out: ${component.tests}`}`,
    );
  return components;

  function find(component: Wanted): string | undefined {
    return findProgram(...component.programs);
  }

  /** By package, why what is then still missing is missing. */
  async function install(missing: readonly Wanted[]): Promise<ReadonlyMap<string, string>> {
    const packages = [...new Set(missing.map((component) => component.debianPackage))];
    const all = (reason: string): ReadonlyMap<string, string> =>
      new Map(packages.map((name) => [name, reason]));
    if (packages.length === 0) return new Map();
    if (findProgram("apt-get") === undefined)
      return all("not on PATH, and no apt-get to install it");
    if (process.getuid?.() !== 0) return all("not on PATH, and only root can install it");
    report(`installing ${packages.join(" ")} with apt-get`);
    return withoutServices(async () => {
      try {
        await aptGet("update");
      } catch (error) {
        return all(oneLine(error));
      }
      const reasons = new Map(all("its package is installed, yet it is not on PATH"));
      // One by one: a package that a distribution does not have must not cost the others.
      for (const name of packages)
        await aptGet("install", "--yes", "--no-install-recommends", name).catch((error: unknown) =>
          reasons.set(name, oneLine(error)),
        );
      return reasons;
    });
  }
}

function oneLine(error: unknown): string {
  return messageOf(error).replaceAll(/\s*\n\s*/g, "; ");
}

function aptGet(...args: readonly string[]): Promise<string> {
  return run("apt-get", ["-qq", "-o", "Dpkg::Use-Pty=0", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

/** Debian's packages start their service when they are installed, unless this file says no. One that is there already is left as it is. */
async function withoutServices<T>(action: () => Promise<T>): Promise<T> {
  const policy = "/usr/sbin/policy-rc.d";
  const ours = await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755, flag: "wx" }).then(
    () => true,
    () => false,
  );
  try {
    return await action();
  } finally {
    if (ours) await rm(policy, { force: true });
  }
}

if (import.meta.main) {
  const missing = (await prepareTests()).filter((component) => component.path === undefined);
  if (missing.length > 0 && process.env["CI"] === "true") {
    console.error(`missing in CI: ${missing.map((component) => component.name).join(", ")}`);
    process.exitCode = 1;
  }
}
