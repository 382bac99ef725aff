import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ControlPlaneClient, ImageFolder } from "@kube-state-mosaic/control-plane";
import { buildImage } from "../../scripts/build-image.ts";

const folder = fileURLToPath(new URL("../../deploy/kustomize/", import.meta.url));

/** The variants that can be applied. */
export const variants = ["single", "sharded", "autosharding", "daemonset"] as const;

export type Variant = (typeof variants)[number];

/** The manifests of a variant as YAML documents. */
export function render(client: ControlPlaneClient, variant: Variant): Promise<string> {
  return client.kubectl(["kustomize", variantFolder(variant)]);
}

/** Where a variant's kustomization is. */
export function variantFolder(variant: Variant): string {
  return join(folder, variant);
}

/** The image of this checkout, as a container engine would unpack it. Removed by the caller. */
export async function unpackedImage(): Promise<ImageFolder> {
  const root = await mkdtemp(join(tmpdir(), "kube-state-mosaic-image-"));
  await buildImage(root);
  return { root, entrypoint: ["/kube-state-metrics", "--port=8080", "--telemetry-port=8081"] };
}
