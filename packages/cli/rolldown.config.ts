import { chmodSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin, type RolldownOptions } from "rolldown";

/** Starts the bundle beside it on a Node that is new enough. */
const launcher: Plugin = {
  name: "launcher",
  writeBundle({ dir = "dist" }) {
    const target = join(dir, "kube-state-mosaic.mjs");
    copyFileSync(new URL("bin/kube-state-mosaic.mjs", import.meta.url), target);
    chmodSync(target, 0o755);
  },
};

const config: RolldownOptions = defineConfig({
  cwd: import.meta.dirname,
  // Both in one build, so that what they share is one module: a resource of the user's is made of the program's own parts.
  input: { main: "src/main.ts", module: "src/module.ts" },
  platform: "node",
  // Native code, chosen for the machine when it is installed. client-node is loaded for one kind of credentials only.
  external: [/^@node-rs\//],
  transform: {
    target: "node26",
    define: Object.fromEntries(
      ["KUBE_STATE_MOSAIC_BUILD_BRANCH", "KUBE_STATE_MOSAIC_BUILD_REVISION"].map((name) => [
        `process.env.${name}`,
        JSON.stringify(process.env[name] || "unknown"),
      ]),
    ),
  },
  plugins: [launcher],
  output: {
    dir: "dist",
    format: "esm",
    cleanDir: true,
    entryFileNames: "[name].mjs",
    // Flat: package.json is found beside the folder from each of them.
    chunkFileNames: "[name]-[hash].mjs",
  },
});

export default config;
