import { createHash } from "node:crypto";
import { access, mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { complete } from "@kube-state-mosaic/control-plane";
import { ExporterError } from "@kube-state-mosaic/errors";

const moduleFolder = fileURLToPath(new URL("discovery-oracle/", import.meta.url));

/** Where the Prometheus of this checkout's `go.mod` is or will be. */
async function cachedPath(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of ["go.mod", "go.sum"]) hash.update(await readFile(join(moduleFolder, name)));
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = `prometheus-${hash.digest("hex").slice(0, 16)}`;
  return join(base, "kube-state-mosaic", folder, "prometheus");
}

/** A Prometheus with Kubernetes discovery, which Debian's is built without; undefined while it is not built. */
export async function discoveryOracle(): Promise<string | undefined> {
  const path = await cachedPath();
  return access(path).then(
    () => path,
    () => undefined,
  );
}

/** Builds it when it is not there: 4 minutes on two cores, with Go's build cache cold about 6. Throws `BUILD_FAILED`. */
export async function buildDiscoveryOracle(): Promise<string> {
  const path = await cachedPath();
  if ((await discoveryOracle()) !== undefined) return path;
  await mkdir(join(path, ".."), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  const args = [
    "build",
    "-trimpath",
    // Of all discovery mechanisms only this one: the clouds' libraries are most of Prometheus's code.
    "-tags=remove_all_sd,enable_kubernetes_sd",
    "-ldflags=-s -w",
    "-o",
    unfinished,
    "github.com/prometheus/prometheus/cmd/prometheus",
  ];
  const { code, stderr } = await complete("go", args, { cwd: moduleFolder });
  if (code !== 0)
    throw new ExporterError("BUILD_FAILED", `the Prometheus for tests does not build: ${stderr}`);
  await rename(unfinished, path);
  return path;
}

if (import.meta.main) console.log(await buildDiscoveryOracle());
