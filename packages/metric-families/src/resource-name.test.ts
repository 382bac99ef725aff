import { expect, test } from "vitest";
import { resourceLabels } from "./resource-name.ts";

test.each([
  ["cpu", "cpu", "core"],
  ["memory", "memory", "byte"],
  ["storage", "storage", "byte"],
  ["ephemeral-storage", "ephemeral_storage", "byte"],
  ["hugepages-2Mi", "hugepages_2Mi", "byte"],
  ["attachable-volumes-aws-ebs", "attachable_volumes_aws_ebs", "byte"],
  ["nvidia.com/gpu", "nvidia_com_gpu", "integer"],
  ["a/b", "a_b", "integer"],
])("%s is the resource %s, counted in %s", (name, resource, unit) => {
  expect(resourceLabels(name)).toEqual([{ resource, unit }]);
});

test("a name of two classes has two series", () => {
  expect(resourceLabels("hugepages-a/b").map(({ unit }) => unit)).toEqual(["byte", "integer"]);
});

test.each([
  "",
  "foo",
  "pods",
  "CPU",
  "requests.foobar",
  "requests.a/b",
  "c/d/",
  "a/b/c",
  "/b",
  "a/",
  "kubernetes.io/resource-foo",
  "pod.alpha.kubernetes.io/opaque-int-resource-foo",
  "deviceclass.resource.kubernetes.io/x",
  "NVIDIA.com/gpu",
  "a/-b",
  "a/b-",
  "a_b/c",
  `a/${"b".repeat(64)}`,
  `${"a".repeat(245)}/b`,
])("%j has no series", (name) => {
  expect(resourceLabels(name)).toEqual([]);
});

test("the longest names still count", () => {
  expect(resourceLabels(`a/${"b".repeat(63)}`)).toHaveLength(1);
  expect(resourceLabels(`${"a".repeat(244)}/b`)).toHaveLength(1);
});
