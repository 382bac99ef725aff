import { expect, test } from "vitest";
import { renderObject, type InvalidValue } from "../src/module.ts";
import { users } from "../../../test/e2e/resource-module/user.ts";
import { userStatus } from "../../../test/e2e/resource-module/user-status.ts";

const user = (annotations: Record<string, string>, more: object = {}): object => ({
  metadata: {
    name: "bob",
    namespace: "ignored",
    creationTimestamp: "2024-05-01T10:00:00Z",
    annotations,
    labels: { team: "blue", "not/listed": "x" },
  },
  ...more,
});

test("a table of metadata alone is requested as metadata", () => {
  expect(users).toMatchObject({
    name: "users",
    path: "/apis/iam.kubesphere.io/v1alpha2/users",
    reads: "metadata",
    enabledByDefault: true,
  });
  expect(userStatus).toMatchObject({
    name: "users-status",
    path: "/apis/iam.kubesphere.io/v1alpha2/users",
    reads: "full",
  });
});

test("a user with limits has them in cores and bytes; the namespace is no label", () => {
  const object = user({ "user-cpu-limit": "1", "user-memory-limit": "1G" });
  const options = { labelsAllowList: ["team"], annotationsAllowList: ["user-cpu-*"] };
  expect(renderObject(users, object, options)).toBe(`kube_user_info{user="bob"} 1
kube_user_created{user="bob"} 1.7145576e+09
kube_user_labels{user="bob",label_team="blue"} 1
kube_user_annotations{user="bob",annotation_user_cpu_limit="1"} 1
kube_user_cpu_total{user="bob"} 1
kube_user_memory_total{user="bob"} 1e+09
`);
});

test.each([
  [undefined, "0", 0],
  ["1500m", "1.5", 0],
  ["0", "0", 0],
  ["lots", "0", 1],
  ["", "0", 1],
  ["1 ", "0", 1],
])("a limit of %j cores is %s, and told as invalid %i times", (limit, value, told) => {
  const invalid: InvalidValue[] = [];
  const object = user(limit === undefined ? {} : { "user-cpu-limit": limit });
  const text = renderObject(users, object, { onInvalid: (one) => invalid.push(one) });
  expect(text).toContain(`\nkube_user_cpu_total{user="bob"} ${value}\n`);
  const fields = invalid.map(({ field, object: { metadata } }) => [field, metadata.name]);
  expect(fields).toEqual(Array.from({ length: told }, () => ["user-cpu-limit", "bob"]));
});

test("the state is one of three, or nothing", () => {
  const states = (state?: string) =>
    renderObject(userStatus, user({}, state === undefined ? {} : { status: { state } }))
      .split("\n")
      .map((line) => line.replace(/^.*state="(.*)"\}/, "$1"));
  expect(states("Disabled")).toEqual(["Active 0", "Disabled 1", "AuthLimitExceeded 0", ""]);
  expect(states("Sleeping")).toEqual(["Active 0", "Disabled 0", "AuthLimitExceeded 0", ""]);
  expect(states()).toEqual([""]);
});

test("an object that is not what the schema says is an error that names the field", () => {
  expect(() => renderObject(userStatus, { status: { state: 1 } })).toThrow(
    ".status.state in JSON should be a string",
  );
});
