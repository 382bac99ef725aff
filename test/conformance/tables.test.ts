import { resources, type Family } from "@kube-state-mosaic/metric-families";
import { describe, expect, test } from "vitest";
import { nameOf, readVectorFiles, type VectorFile } from "./vector-files.ts";

/** Families whose label names depend on the object, or of which some labels are left out rather than empty. */
const dynamic =
  /_(annotations|labels)$|^kube_(horizontalpodautoscaler_info|pod_nodeselectors|job_status_failed|ingress_path|persistentvolume_csi_attributes|volumeattachment_status_attachment_metadata)$/;

const clusterScoped: ReadonlySet<string> = new Set([
  "certificatesigningrequests",
  "clusterrolebindings",
  "clusterroles",
  "ingressclasses",
  "mutatingadmissionpolicies",
  "mutatingadmissionpolicybindings",
  "mutatingwebhookconfigurations",
  "namespaces",
  "nodes",
  "persistentvolumes",
  "storageclasses",
  "validatingadmissionpolicies",
  "validatingadmissionpolicybindings",
  "validatingwebhookconfigurations",
  "volumeattachments",
]);
const offByDefault: ReadonlySet<string> = new Set([
  "clusterrolebindings",
  "clusterroles",
  "endpoints",
  "ingressclasses",
  "rolebindings",
  "roles",
  "serviceaccounts",
]);

const config = { labelsAllowList: ["*"], annotationsAllowList: ["*"] };
const tables = Object.entries(resources).map(([key, resource]) => ({
  key,
  resource,
  families: resource.families(config),
  identity: Object.keys(resource.identity),
}));
const every: readonly Family<never>[] = tables.flatMap(({ families }) => families);
const files = new Map(readVectorFiles().map((file) => [file.resource, file]));

test("resources are registered under their own name, in byte order", () => {
  const keys = tables.map(({ key }) => key);
  expect(tables.map(({ resource }) => resource.name)).toEqual(keys);
  expect(keys).toEqual(keys.toSorted());
});

test("every resource of the vectors has a table", () => {
  expect(Object.keys(resources)).toEqual([...files.keys()].sort());
});

test("family names are unique", () => {
  const names = every.map(({ name }) => name);
  expect(names.length).toBe(new Set(names).size);
});

test.each(every)("$name is a well-formed family", ({ name, help, type, labelNames }) => {
  expect(name).toMatch(/^kube_[a-z][a-z0-9_]*$/);
  expect(help).toMatch(/^\S.*\.$/);
  expect(name.endsWith("_total")).toBe(type === "counter");
  for (const label of labelNames) expect(label).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
});

describe.each(tables)("$key", ({ key, resource, families, identity }) => {
  const file = files.get(key);

  test("group, version, kind, path and scope are the API's", () => {
    const { group, version, kind, path, namespaced, enabledByDefault } = resource;
    const apiVersion = group === "" ? version : `${group}/${version}`;
    expect(path).toBe(`${group === "" ? "/api" : "/apis"}/${apiVersion}/${key}`);
    expect(namespaced).toBe(!clusterScoped.has(key));
    expect(enabledByDefault).toBe(!offByDefault.has(key));
    expect(file?.cases.map(({ object }) => object)).toContainEqual(
      expect.objectContaining({ apiVersion, kind }),
    );
  });

  test("only the metadata is requested exactly where nothing else is read", () => {
    const fields = Object.keys(resource.schema.fields);
    expect(resource.reads === "metadata").toBe(fields.join() === "metadata");
  });

  test("no label is repeated, not from the identity either", () => {
    for (const { labelNames } of families) {
      const names = [...identity, ...labelNames];
      expect(names.length).toBe(new Set(names).size);
    }
  });

  test.runIf(file !== undefined)(
    "families, types, stability, opt-in and deprecation are the reference's",
    () => {
      expect(factsOf(families)).toEqual(wantedFacts(file!));
    },
  );

  test.runIf(file !== undefined)("label names are those of the reference's samples", () => {
    const seen = labelNamesOf(file!);
    const fixed = families.filter(({ name }) => !dynamic.test(name) && seen.has(name));
    for (const { name, labelNames } of fixed)
      expect([name, ...seen.get(name)!]).toEqual([name, [...identity, ...labelNames].join()]);
  });
});

function factsOf(families: readonly Family<never>[]) {
  return {
    families: families.map(({ name }) => name),
    types: Object.fromEntries(families.map(({ name, type }) => [name, type])),
    stable: namesWhere(families, ({ stability }) => stability === "STABLE"),
    optIn: namesWhere(families, ({ optIn }) => optIn),
    deprecated: Object.fromEntries(
      families.flatMap(({ name, deprecatedSince }) =>
        deprecatedSince === undefined ? [] : [[name, deprecatedSince]],
      ),
    ),
  };
}

function wantedFacts({ families, types, stable, optIn, deprecated }: VectorFile) {
  return { families, types, stable: stable.toSorted(), optIn: optIn.toSorted(), deprecated };
}

function namesWhere(
  families: readonly Family<never>[],
  matches: (family: Family<never>) => boolean,
): string[] {
  return families
    .filter(matches)
    .map(({ name }) => name)
    .sort();
}

/** The different lists of label names, joined, that each family has in the vectors. */
function labelNamesOf({ cases }: VectorFile): Map<string, Set<string>> {
  const seen = new Map<string, Set<string>>();
  for (const line of cases.flatMap(({ want }) => want)) {
    const names = Array.from(
      line.matchAll(/[{,]([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g),
      (match) => match[1],
    );
    const lists = seen.get(nameOf(line)) ?? new Set();
    seen.set(nameOf(line), lists.add(names.join()));
  }
  return seen;
}
