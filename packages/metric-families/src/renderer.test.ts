import { decodeJson, namespace, type Namespace } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { renderer } from "./renderer.ts";
import { namespaces } from "./resources/namespace.ts";

const config = { labelsAllowList: ["*"], annotationsAllowList: [] };
const object: Namespace = decodeJson(namespace, {
  metadata: { name: "team-a", creationTimestamp: "1970-01-01T00:00:00Z", labels: { a: "b" } },
  status: { phase: "Active" },
});

test("an object renders to one text per family, in their order", () => {
  const { families, render } = renderer(namespaces, config, () => true);
  const texts = render(object);
  expect(families.map(({ name }) => name)).toEqual([
    "kube_namespace_created",
    "kube_namespace_annotations",
    "kube_namespace_labels",
    "kube_namespace_status_phase",
    "kube_namespace_status_condition",
  ]);
  expect(texts).toEqual([
    'kube_namespace_created{namespace="team-a"} 0\n',
    "",
    'kube_namespace_labels{namespace="team-a",label_a="b"} 1\n',
    'kube_namespace_status_phase{namespace="team-a",phase="Active"} 1\n' +
      'kube_namespace_status_phase{namespace="team-a",phase="Terminating"} 0\n',
    "",
  ]);
});

test("a family that the filter refuses has neither place nor text", () => {
  const { families, render } = renderer(namespaces, config, ({ name }) => name.endsWith("_labels"));
  expect(families).toHaveLength(1);
  expect(render(object)).toHaveLength(1);
});
