/** A synthetic cluster in a process of its own, changed as its parent says; over TLS, as the real one. Pods are encoded before it says that it is there. */
import { populate, startFakeKubernetes } from "@kube-state-mosaic/fake-kubernetes";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** What the parent may ask for. */
export interface Order {
  /** Pod status changes a second from now on. */
  readonly rate: number;
  /** Only so many pods, the same ones all the time, are changed; absent: all, uniformly at random. */
  readonly concentrateOn?: number;
}

export type Answer = { readonly kubeconfig: string } | { readonly changes: number };

interface PodStatus {
  readonly containerStatuses?: readonly {
    readonly ready: boolean;
    readonly restartCount: number;
  }[];
  readonly conditions?: readonly { readonly type: string }[];
}

// One change at a time, as kubelets send them: bursts would be cheaper for whoever reads them.
const beatMs = 2;

const pods = Number(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "mosaic-bench-"));
process.once("exit", () => rmSync(folder, { recursive: true }));
const server = await startFakeKubernetes({ shardSelector: "ignore", seed: 1, tls: certificate() });
populate(server, { pods, seed: 1 });
server.warm("pods");
const kubeconfig = join(folder, "kubeconfig");
writeFileSync(kubeconfig, server.kubeconfig());
answer({ kubeconfig });

const names = server.names("pods").filter(({ namespace, name }) => {
  const { containerStatuses = [] } = (server.get("pods", { namespace, name })?.["status"] ??
    {}) as PodStatus;
  return containerStatuses.length > 0;
});
let order: Order = { rate: 0 };
let begun = performance.now();
let changes = 0;
process.on("message", (next: Order) => {
  answer({ changes });
  order = next;
  begun = performance.now();
  changes = 0;
});
process.once("disconnect", () => process.exit());

let seed = 1;
for (;;) {
  await delay(beatMs);
  const due = Math.floor(((performance.now() - begun) / 1000) * order.rate);
  for (; changes < due; changes++) change();
}

function change(): void {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  const chosen = Math.floor((seed / 2 ** 32) * (order.concentrateOn ?? names.length));
  const name = names[Math.min(chosen, names.length - 1)];
  if (name === undefined) return;
  const { containerStatuses = [], conditions = [] } = (server.get("pods", name)?.["status"] ??
    {}) as PodStatus;
  const [first, ...others] = containerStatuses;
  if (first === undefined) return;
  const ready = !first.ready;
  const status = ready ? "True" : "False";
  const lastTransitionTime = `${new Date().toISOString().slice(0, 19)}Z`;
  server.patch("pods", name, {
    status: {
      containerStatuses: [{ ...first, ready, restartCount: first.restartCount + 1 }, ...others],
      conditions: conditions.map((condition) =>
        condition.type === "Ready" || condition.type === "ContainersReady"
          ? { ...condition, status, lastTransitionTime }
          : condition,
      ),
    },
  });
}

function answer(message: Answer): void {
  process.send?.(message);
}

function certificate(): { key: string; cert: string } {
  const key = join(folder, "key.pem");
  const cert = join(folder, "cert.pem");
  const request =
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=bench -addext subjectAltName=IP:127.0.0.1";
  execFileSync("openssl", [...request.split(" "), "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}
