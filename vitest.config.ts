import { readdirSync } from "node:fs";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const packages = readdirSync(new URL("packages", import.meta.url));
// Those that bring a cluster and a network of their own; they wait more than they work, so they run beside the others of e2e.
const pods = ["test/e2e/autosharding*.test.ts", "test/e2e/kubelet*.test.ts"];
const suites = {
  conformance: { include: ["test/conformance/**/*.test.ts"] },
  simulation: { include: ["test/simulation/**/*.test.ts"] },
  e2e: { include: ["test/e2e/**/*.test.ts"], exclude: pods },
  pods: { include: pods },
};

const config: ViteUserConfig = defineConfig({
  test: {
    projects: [
      ...packages.map((name) => ({
        test: {
          name,
          include: [`packages/${name}/{src,test}/**/*.test.ts`],
          benchmark: { include: [`packages/${name}/bench/**/*.bench.ts`] },
          testTimeout: 30_000,
        },
      })),
      ...Object.entries(suites).map(([name, files]) => ({
        test: {
          name,
          ...files,
          benchmark: { include: [] },
          // The vectors were made in a process of this zone; cron schedules without one depend on it.
          env: { TZ: "UTC" },
          // One control plane for all files, which would disturb each other's objects.
          ...((name === "e2e" || name === "pods") && {
            globalSetup: ["test/e2e/global-setup.ts"],
            fileParallelism: false,
          }),
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      })),
    ],
  },
});

export default config;
