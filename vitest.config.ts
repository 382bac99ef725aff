import { readdirSync } from "node:fs";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const packages = readdirSync(new URL("packages", import.meta.url));
const suites = ["conformance", "e2e", "simulation"].filter((name) =>
  readdirSync(new URL("test", import.meta.url)).includes(name),
);

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
      ...suites.map((name) => ({
        test: {
          name,
          include: [`test/${name}/**/*.test.ts`],
          benchmark: { include: [] },
          // The vectors were made in a process of this zone; cron schedules without one depend on it.
          env: { TZ: "UTC" },
          // One control plane for all files of e2e, which would disturb each other's objects.
          ...(name === "e2e" && {
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
