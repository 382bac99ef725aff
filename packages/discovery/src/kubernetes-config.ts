import { resolve } from "node:path";
import { httpKeys, httpSettings, type HttpSettings } from "./http-settings.ts";
import type { KindName } from "./kubernetes-objects.ts";
import { roleNames, type RoleName } from "./role-rules.ts";
import type { AttachMetadata } from "./roles/surroundings.ts";
import { fieldSelectorFault, labelSelectorFault } from "./selector-syntax.ts";
import type { Selector } from "./watches.ts";
import {
  flag,
  join,
  list,
  mapping,
  SettingProblem,
  text,
  texts,
  type YamlValue,
} from "./yaml-values.ts";

/** One entry of `kubernetes_sd_configs`, checked; equal entries have equal JSON. */
export interface KubernetesConfig {
  readonly role: RoleName;
  /** Neither this nor `kubeconfigFile`: the cluster this process runs in, or was told to use. */
  readonly apiServer: string | undefined;
  /** Absolute. */
  readonly kubeconfigFile: string | undefined;
  readonly http: HttpSettings | undefined;
  readonly namespaces: { readonly own: boolean; readonly names: readonly string[] };
  readonly selectors: Readonly<Partial<Record<KindName, Selector>>>;
  readonly attach: AttachMetadata;
}

/** The kinds that each role's `selectors` may name, in the order of the message. */
const selectorRoles: { readonly [Role in RoleName]: readonly RoleName[] } = {
  node: ["node"],
  pod: ["pod", "node"],
  service: ["service"],
  endpoints: ["pod", "service", "endpoints"],
  endpointslice: ["pod", "service", "endpointslice"],
  ingress: ["ingress"],
};

const kindOfRole: { readonly [Role in RoleName]: KindName } = {
  node: "nodes",
  pod: "pods",
  service: "services",
  endpoints: "endpoints",
  endpointslice: "endpointslices",
  ingress: "ingresses",
};

const ownKeys = [
  "role",
  "api_server",
  "kubeconfig_file",
  "namespaces",
  "selectors",
  "attach_metadata",
];

const attachKeys = ["node", "namespace", "deployment", "job", "cronjob"] as const;

/** Checks one entry, in Prometheus's order. `key` says where it stands; relative files are in `directory`. Throws a SettingProblem. */
export function kubernetesConfig(
  value: YamlValue,
  key: string,
  directory: string,
): KubernetesConfig {
  const config = mapping(value, key, [...ownKeys, ...httpKeys]);
  const role = roleOf(config["role"], join(key, "role"));
  const apiServer = nonEmpty(text(config["api_server"], join(key, "api_server")));
  const kubeconfig = nonEmpty(text(config["kubeconfig_file"], join(key, "kubeconfig_file")));
  const at = join(key, "namespaces");
  const namespaces = mapping(config["namespaces"], at, ["own_namespace", "names"]);
  const own = flag(namespaces["own_namespace"], join(at, "own_namespace"), false);
  const http = httpSettings(config, key, directory);
  if (apiServer !== undefined && !/^https?:$/.test(URL.parse(apiServer)?.protocol ?? ""))
    throw new SettingProblem(join(key, "api_server"), `"${apiServer}" is not an http or https URL`);
  if (apiServer !== undefined && kubeconfig !== undefined)
    throw new SettingProblem(join(key, "kubeconfig_file"), "contradicts api_server");
  if (kubeconfig !== undefined && http !== undefined)
    throw new SettingProblem(
      join(key, "kubeconfig_file"),
      "contradicts the HTTP client settings: they are in the kubeconfig",
    );
  if (http !== undefined && apiServer === undefined)
    throw new SettingProblem(join(key, "api_server"), "is missing: HTTP client settings need it");
  if (own && (apiServer !== undefined || kubeconfig !== undefined))
    throw new SettingProblem(
      join(at, "own_namespace"),
      `contradicts ${apiServer === undefined ? "kubeconfig_file" : "api_server"}: only a pod has an own namespace`,
    );
  return {
    role,
    apiServer,
    kubeconfigFile: kubeconfig === undefined ? undefined : resolve(directory, kubeconfig),
    http,
    namespaces: { own, names: texts(namespaces["names"], join(at, "names")) },
    selectors: selectorsOf(role, config["selectors"], join(key, "selectors")),
    attach: attachOf(config["attach_metadata"], join(key, "attach_metadata")),
  };
}

function roleOf(value: YamlValue | undefined, key: string): RoleName {
  const word = text(value, key) ?? "";
  if (word === "") throw new SettingProblem(key, `is missing: one of ${roleNames.join(", ")}`);
  const role = roleNames.find((name) => name === word);
  if (role !== undefined) return role;
  throw new SettingProblem(key, `there is no role "${word}": one of ${roleNames.join(", ")}`);
}

function selectorsOf(
  role: RoleName,
  value: YamlValue | undefined,
  key: string,
): KubernetesConfig["selectors"] {
  const selectors: Partial<Record<KindName, Selector>> = {};
  const allowed = selectorRoles[role];
  for (const [index, entry] of list(value, key).entries()) {
    const at = `${key}[${index}]`;
    const given = mapping(entry, at, ["role", "label", "field"]);
    const of = roleOf(given["role"], join(at, "role"));
    const kind = kindOfRole[of];
    if (selectors[kind] !== undefined)
      throw new SettingProblem(join(at, "role"), `a second selector of the role ${of}`);
    if (!allowed.includes(of))
      throw new SettingProblem(
        join(at, "role"),
        `${role} role supports only ${allowed.join(", ")} selectors`,
      );
    const label = text(given["label"], join(at, "label")) ?? "";
    const field = text(given["field"], join(at, "field")) ?? "";
    const fieldFault = fieldSelectorFault(field);
    if (fieldFault !== undefined) throw new SettingProblem(join(at, "field"), fieldFault);
    const labelFault = labelSelectorFault(label);
    if (labelFault !== undefined) throw new SettingProblem(join(at, "label"), labelFault);
    selectors[kind] = { label, field };
  }
  return selectors;
}

function attachOf(value: YamlValue | undefined, key: string): AttachMetadata {
  const given = mapping(value, key, attachKeys);
  const on = (name: (typeof attachKeys)[number]): boolean =>
    flag(given[name], join(key, name), false);
  return {
    node: on("node"),
    namespace: on("namespace"),
    deployment: on("deployment"),
    job: on("job"),
    cronjob: on("cronjob"),
  };
}

function nonEmpty(word: string | undefined): string | undefined {
  return word === "" ? undefined : word;
}
