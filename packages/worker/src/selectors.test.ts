import { expect, test } from "vitest";
import { fieldSelectorFor } from "./selectors.ts";

const pods = { name: "pods", namespaced: true };
const none = { namespacesDenylist: [], node: "", trackUnscheduledPods: false };

test.each([
  [{}, ""],
  [{ namespacesDenylist: ["some-system"] }, "metadata.namespace!=some-system"],
  [
    { namespacesDenylist: ["case2-system", "case1-system"], node: "k8s-node-1" },
    "metadata.namespace!=case1-system,metadata.namespace!=case2-system,spec.nodeName=k8s-node-1",
  ],
  [{ node: "a,b=c\\d" }, "spec.nodeName=a\\,b\\=c\\\\d"],
  [{ node: "ignored", trackUnscheduledPods: true }, "spec.nodeName="],
])("pods with %j are selected by %j", (selection, wanted) => {
  expect(fieldSelectorFor(pods, { ...none, ...selection })).toBe(wanted);
});

test("other resources are not selected by node, cluster-scoped ones not at all", () => {
  const selection = { namespacesDenylist: ["a"], node: "n", trackUnscheduledPods: false };
  expect(fieldSelectorFor({ name: "services", namespaced: true }, selection)).toBe(
    "metadata.namespace!=a",
  );
  expect(fieldSelectorFor({ name: "nodes", namespaced: false }, selection)).toBe("");
});
