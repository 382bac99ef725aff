import { expect, test } from "vitest";
import { familiesOf } from "../family.ts";
import { annotations, labels, selector } from "./allow-list.ts";

const map = new Map(["keyA", "keyB", "otherKeyA", "otherKeyB"].map((key) => [key, key]));

test.each([
  [["keyA", "keyC"], ["keyA"]],
  [["key*"], ["keyA", "keyB"]],
  [["*A"], ["keyA", "otherKeyA"]],
  [["k*A"], ["keyA"]],
  [["keyA*"], ["keyA"]],
  [["key*keyA"], []],
  [["*"], ["keyA", "keyB", "otherKeyA", "otherKeyB"]],
  [
    ["*", "keyA"],
    ["keyA", "keyB", "otherKeyA", "otherKeyB"],
  ],
  [["keyA", "*"], ["keyA"]],
  [["*ey*"], []],
  [["**"], []],
  [["k.yA"], []],
  [["k.*"], []],
  [["KEYA"], []],
  [
    ["keyA", "key*", "keyA"],
    ["keyA", "keyB"],
  ],
])("%j selects %j", (allowList, keys) => {
  expect(Array.from(selector(allowList)(map), ([key]) => key)).toEqual(keys);
});

const { gauge } = familiesOf<Parameters<ReturnType<typeof labels>["value"]>[0]>();
const object = {
  metadata: {
    labels: new Map([
      ["app.kubernetes.io/name", "a"],
      ["camelCase", "b"],
    ]),
  },
};

test("an empty list gives no sample", () => {
  expect(gauge("kube_x_labels", "", labels([])).render(object, "{")).toBe("");
});

test("a list that selects nothing gives the bare sample", () => {
  expect(gauge("kube_x_labels", "", labels(["none"])).render(object, '{a="b"')).toBe(
    'kube_x_labels{a="b"} 1\n',
  );
});

test("selected labels become metric labels", () => {
  expect(gauge("kube_x_labels", "", labels(["*"])).render(object, '{a="b"')).toBe(
    'kube_x_labels{a="b",label_app_kubernetes_io_name="a",label_camel_case="b"} 1\n',
  );
});

test("conflicts are judged among the selected keys only", () => {
  const { dynamicLabels } = annotations(["a-b"]);
  const both = new Map([
    ["a-b", "1"],
    ["a.b", "2"],
  ]);
  expect(dynamicLabels({ metadata: { annotations: both } })).toEqual([["annotation_a_b", "1"]]);
});
