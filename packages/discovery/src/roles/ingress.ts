import type { Ingress, IngressRule } from "@kube-state-mosaic/wire";
import { addObjectMeta, addressLabel, namespaceLabel, prefix } from "../labels.ts";
import type { Labels, TargetGroup } from "../target-group.ts";
import { attachNamespace } from "./attached.ts";
import type { Surroundings } from "./surroundings.ts";

export function ingressSource(key: string): string {
  return `ingress/${key}`;
}

/** One target for each path of each rule; the address is the rule's host, which may be empty. */
export function ingressGroup(ingress: Ingress, around: Surroundings): TargetGroup {
  const { metadata, spec } = ingress;
  const labels: Labels = new Map([[namespaceLabel, metadata.namespace]]);
  if (spec.ingressClassName !== undefined)
    labels.set(`${prefix}ingress_class_name`, spec.ingressClassName);
  addObjectMeta(labels, "ingress", metadata);
  attachNamespace(labels, metadata.namespace, around);
  const tlsHosts = spec.tls.flatMap(({ hosts }) => hosts);
  const targets = spec.rules.flatMap((rule) => {
    const scheme = tlsHosts.some((pattern) => matchesHost(pattern, rule.host)) ? "https" : "http";
    return pathsOf(rule).map((path) => {
      const target: Labels = new Map([
        [addressLabel, rule.host],
        [`${prefix}ingress_scheme`, scheme],
        [`${prefix}ingress_host`, rule.host],
        [`${prefix}ingress_path`, path],
      ]);
      return target;
    });
  });
  return {
    source: ingressSource(`${metadata.namespace}/${metadata.name}`),
    targets,
    labels,
  };
}

/** A rule without `http` stands for everything; one whose `http` has no paths for nothing. */
function pathsOf({ http }: IngressRule): string[] {
  if (http === undefined) return ["/"];
  return http.paths.map(({ path }) => (path === "" ? "/" : path));
}

/** `*.example.com` matches exactly one more label. */
function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const [wildcard, ...wanted] = pattern.split(".");
  const [, ...actual] = host.split(".");
  return (
    wildcard === "*" &&
    wanted.length === actual.length &&
    wanted.every((part, index) => part === actual[index])
  );
}
