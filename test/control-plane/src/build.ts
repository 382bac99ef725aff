import { createHash } from "node:crypto";
import { access, link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ExporterError } from "@kube-state-mosaic/errors";
import { Daemon } from "./daemon.ts";
import { complete } from "./run.ts";

/** Absolute paths of Kubernetes' own programs. */
export interface ControlPlanePrograms {
  readonly etcd: string;
  readonly apiserver: string;
  readonly controllerManager: string;
  readonly scheduler: string;
  readonly kubectl: string;
}

const moduleFolder = fileURLToPath(new URL("..", import.meta.url));
const progressMs = 15_000;

/** Where the programs of this checkout's `go.mod` and `go.sum` are or will be: outside the tree, one folder per set of versions. */
export async function cacheFolder(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of ["go.mod", "go.sum"]) hash.update(await readFile(join(moduleFolder, name)));
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(base, "kube-state-mosaic", `control-plane-${hash.digest("hex").slice(0, 16)}`);
}

/** The programs, when they are built already. */
export async function cachedPrograms(): Promise<ControlPlanePrograms | undefined> {
  const programs = programsIn(await cacheFolder());
  try {
    await Promise.all(Object.values(programs).map((path) => access(path)));
    return programs;
  } catch {
    return undefined;
  }
}

/**
 * The programs, built from source when they are not there: 5 to 6 minutes on two cores, a minute with a warm Go build cache. Only one process builds, others wait for it.
 * Throws `GO_MISSING`, `GO_TOO_OLD`, `BUILD_FAILED`.
 */
export async function buildPrograms(
  report: (line: string) => void = (line) => console.error(line),
): Promise<ControlPlanePrograms> {
  const folder = await cacheFolder();
  const started = performance.now();
  let reported = started;
  for (;;) {
    const cached = await cachedPrograms();
    if (cached !== undefined) return cached;
    await mkdir(join(folder, ".."), { recursive: true });
    const owner = await lock(`${folder}.lock`);
    if (owner === undefined) break;
    if (performance.now() - reported >= progressMs) {
      reported = performance.now();
      report(`control plane: process ${owner} is building it (${secondsSince(started)} s)`);
    }
    await delay(1_000);
  }
  try {
    await build(folder, report);
  } finally {
    await rm(`${folder}.lock`, { force: true });
  }
  return programsIn(folder);
}

async function build(folder: string, report: (line: string) => void): Promise<void> {
  await checkGo();
  report("control plane: building it with Go; the first time takes 5 to 6 minutes on two cores");
  const started = performance.now();
  const timer = setInterval(
    () => report(`control plane: still building (${secondsSince(started)} s)`),
    progressMs,
  );
  // Built beside and renamed: the folder is complete or absent.
  const unfinished = await mkdtemp(`${folder}.`);
  const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", `${unfinished}/`, "tool"];
  try {
    const settings = { name: "go build", command: "go", args, cwd: moduleFolder };
    await using compiler = await Daemon.start(settings, [unfinished]);
    const { code } = await compiler.exited;
    if (code !== 0) {
      await rm(unfinished, { recursive: true, force: true });
      const { message } = compiler.ended("the control plane for tests does not build");
      throw new ExporterError("BUILD_FAILED", message);
    }
    await rename(unfinished, folder);
    report(`control plane: built in ${secondsSince(started)} s: ${folder}`);
  } finally {
    clearInterval(timer);
  }
}

/** A Go command of 1.21 or later may fetch the version that `go.mod` names and then answers with that one; whether it does is its own setting (GOTOOLCHAIN). */
async function checkGo(): Promise<void> {
  const goMod = await readFile(join(moduleFolder, "go.mod"), "utf8");
  const wanted = /^go (\d+)\.(\d+)/m.exec(goMod)?.slice(1, 3).map(Number) ?? [];
  const need = `Go ${wanted.join(".")} or later is needed to build the control plane for tests`;
  const answer = await complete("go", ["env", "GOVERSION"], { cwd: moduleFolder }).catch(
    (cause: unknown) => {
      throw new ExporterError("GO_MISSING", `${need}, and there is no \`go\` on PATH`, { cause });
    },
  );
  const found = /^go(\d+)\.(\d+)/.exec(answer.stdout)?.slice(1, 3).map(Number) ?? [];
  const [major = 0, minor = 0] = found;
  const [wantedMajor = 0, wantedMinor = 0] = wanted;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  const says = answer.code === 0 ? `this is ${answer.stdout.trim()}` : answer.stderr.trim();
  throw new ExporterError("GO_TOO_OLD", `${need}: ${says}`);
}

/** The process that holds the lock, or `undefined` when this one now does. A lock whose process is gone is taken over. */
async function lock(path: string): Promise<number | undefined> {
  const own = `${path}.${process.pid}`;
  // A link appears with its content, where a created file is empty at first.
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const owner = Number(await readFile(path, "utf8").catch(() => "0"));
    if (owner > 0 && !isRunning(owner)) await rm(path, { force: true });
    return owner;
  } finally {
    await rm(own, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function programsIn(folder: string): ControlPlanePrograms {
  return {
    etcd: join(folder, "server"),
    apiserver: join(folder, "kube-apiserver"),
    controllerManager: join(folder, "kube-controller-manager"),
    scheduler: join(folder, "kube-scheduler"),
    kubectl: join(folder, "kubectl"),
  };
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1_000);
}
