import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Row } from "@kube-state-mosaic/store";

const vectors: unknown = JSON.parse(
  readFileSync(new URL("../../conformance/vectors/pods.json", import.meta.url), "utf8"),
);

interface PodVectors {
  readonly families: readonly string[];
  readonly optIn: readonly string[];
  readonly cases: readonly { readonly name: string; readonly want: readonly string[] }[];
}

const { families, optIn, cases } = vectors as PodVectors;

/** The 59 families that are on by default. */
export const podFamilies: readonly string[] = families.filter((name) => !optIn.includes(name));

/** What a status change touches: ten families. */
const dynamic = new Set([
  "kube_pod_container_info",
  "kube_pod_container_state_started",
  "kube_pod_container_status_last_terminated_timestamp",
  "kube_pod_container_status_ready",
  "kube_pod_container_status_restarts_total",
  "kube_pod_container_status_running",
  "kube_pod_container_status_waiting",
  "kube_pod_status_ready",
  "kube_pod_status_ready_time",
  "kube_pod_status_container_ready_time",
]);

const namespaces = 40;
const podsPerOwner = 25;
const hole =
  /team-a|web-5d4f8c7b9-x2v9q|7f3a1c52-0000-4000-8000-000000000001|web-5d4f8c7b9|5d4f8c7b9|worker-3|10\.0\.3\.4|10\.244\.1\.7|fd00:10:244::7|sha256:aa|containerd:\/\/11|1\.70416\d+e\+09|(?<=\} )[012]$/;

/** Text of each family with holes, without init containers: half of the pods have none, 34 families with text, 11 KB. */
const templates: readonly string[][] = podFamilies.map((family) => {
  const lines = cases.find(({ name }) => name === "pods-209-real-running")?.want ?? [];
  const text = lines
    .filter((line) => line.startsWith(`${family}{`) && !family.includes("_init_"))
    .map((line) => `${line}\n`)
    .join("");
  return text.split(new RegExp(`(${hole.source})`, "m")).filter((part) => part !== undefined);
});

/** A running pod; another revision differs in ten families. The same arguments give the same row. */
export function podRow(index: number, revision: number): Row {
  const owner = Math.floor(index / podsPerOwner);
  const seed = createHash("sha256").update(`pod ${index}`).digest("hex");
  const ownerSeed = createHash("sha256").update(`owner ${owner}`).digest("hex");
  const app = `${words[owner % words.length] ?? ""}-${ownerSeed.slice(0, 9)}`;
  const namespace = `team-${owner % namespaces}`;
  const name = `${app}-${seed.slice(0, 5)}`;
  const uid = `${seed.slice(0, 8)}-${seed.slice(8, 12)}-4${seed.slice(12, 15)}-8${seed.slice(15, 18)}-${seed.slice(18, 30)}`;
  const born = 1_704_000_000 + (Number.parseInt(seed.slice(0, 6), 16) % 8_000_000);
  const node = Number.parseInt(seed.slice(30, 34), 16) % Math.max(1, 500);
  const ip = `${(index >> 8) & 255}.${index & 255}`;
  const texts = templates.map((parts, family) => {
    const changes = dynamic.has(podFamilies[family] ?? "") ? revision : 0;
    let text = "";
    for (const [at, part] of parts.entries()) text += at % 2 === 0 ? part : fill(part, changes);
    return text;
  });
  return {
    uid,
    namespace,
    name,
    resourceVersion: String(index * 10 + revision * 1_000_003),
    texts,
    departure: 0,
  };

  function fill(part: string, changes: number): string {
    switch (part) {
      case "team-a":
        return namespace;
      case "web-5d4f8c7b9-x2v9q":
        return name;
      case "7f3a1c52-0000-4000-8000-000000000001":
        return uid;
      case "web-5d4f8c7b9":
        return app;
      case "5d4f8c7b9":
        return ownerSeed.slice(0, 9);
      case "worker-3":
        return `worker-${node}`;
      case "10.0.3.4":
        return `10.0.${node >> 8}.${node & 255}`;
      case "10.244.1.7":
        return `10.244.${ip}`;
      case "fd00:10:244::7":
        return `fd00:10:244::${index.toString(16)}`;
      case "sha256:aa":
        return `sha256:${ownerSeed}`;
      case "containerd://11":
        return `containerd://${changes === 0 ? seed : createHash("sha256").update(`${index} ${changes}`).digest("hex")}`;
      case "0":
      case "1":
      case "2":
        return String((Number(part) + changes) % 3);
      default:
        return `${((born + changes * 61) / 1e9).toFixed(9)}e+09`;
    }
  }
}

const words = [
  "web",
  "checkout",
  "search-indexer",
  "payments",
  "mailer",
  "image-resizer",
  "ledger",
];
