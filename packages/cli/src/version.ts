import { readFileSync } from "node:fs";

/** What this build is: the version of the package, and the branch and commit that the image's build sets. */
export const build: {
  readonly version: string;
  readonly branch: string;
  readonly revision: string;
} = {
  version: `v${packageVersion()}`,
  branch: process.env["KUBE_STATE_MOSAIC_BUILD_BRANCH"] ?? "unknown",
  revision: process.env["KUBE_STATE_MOSAIC_BUILD_REVISION"] ?? "unknown",
};

function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String(JSON.parse(text).version);
}

/** The labels of `kube_state_metrics_build_info`; what belongs to Go says what runs instead. */
export function buildLabels(): Record<
  | "branch"
  | "client_go_version"
  | "goarch"
  | "goos"
  | "goversion"
  | "revision"
  | "tags"
  | "version",
  string
> {
  return {
    ...build,
    client_go_version: "unknown",
    goarch: process.arch === "x64" ? "amd64" : process.arch,
    goos: process.platform,
    goversion: `node${process.versions.node}`,
    tags: "unknown",
  };
}
