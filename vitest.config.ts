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
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      })),
    ],
  },
});

export default config;
