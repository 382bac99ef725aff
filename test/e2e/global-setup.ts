import {
  type Connection,
  cachedPrograms,
  startControlPlane,
} from "@kube-state-mosaic/control-plane";
import type { TestProject } from "vitest/node";
import { loadPopulation, smallCluster } from "../bench/cluster/load.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** One control plane with a small cluster, shared by all files; `undefined` where its programs cannot be had. */
    readonly cluster: Connection | undefined;
  }
}

/** Starts the shared cluster once for all files of the project; afterwards it is gone. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  // `prepare-tests` builds them, or says why not.
  if ((await cachedPrograms()) === undefined) {
    if (process.env["CI"] === "true") throw new Error("CI has no control plane for the tests");
    console.error(
      "no control plane: everything end to end is left out; see scripts/prepare-tests.ts",
    );
    project.provide("cluster", undefined);
    return undefined;
  }
  const controlPlane = await startControlPlane();
  await loadPopulation(controlPlane, smallCluster);
  const { url, caFile, token, kubeconfigPath, etcdUrl, kubectlPath, apiserverPid } = controlPlane;
  project.provide("cluster", {
    url,
    caFile,
    token,
    kubeconfigPath,
    etcdUrl,
    kubectlPath,
    apiserverPid,
  });
  return () => controlPlane.stop();
}
