import { expect, test } from "vitest";
import { startFakeKubernetes } from "../src/index.ts";
import { fnv1a64 } from "../src/fnv1a64.ts";
import { parseShardSelector } from "../src/shard-selector.ts";
import { ApiClient } from "./api-client.ts";

test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
  ["7f9c24e8-3b12-4fe0-9a3d-2d1b8a6c0f11", "2e168e400eec62f8"],
  ["00000000-0000-0000-0000-000000000001", "7c384b6218f2983e"],
  ["c0ffee00-1234-4abc-8def-0123456789ab", "5732f1811183257d"],
  ["default", "ebada5168620c5fe"],
])("the hash of %j is %s", (text, hex) => {
  const { high, low } = fnv1a64(text);
  expect(high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0")).toBe(hex);
});

const range = (start: string, end: string, field = "uid"): string =>
  `shardRange(object.metadata.${field},'${start}','${end}')`;
const zero = "0x0000000000000000";
const half = "0x8000000000000000";
const top = "0x10000000000000000";

test("the canonical form has one blank after each comma and around ||", () => {
  expect(parseShardSelector(`${range(zero, half)}||${range(half, top)}`).canonical).toBe(
    `shardRange(object.metadata.uid, '${zero}', '${half}') || shardRange(object.metadata.uid, '${half}', '${top}')`,
  );
});

test.each([
  ["another function", "foo"],
  ["short hexadecimal", range("0x0", half)],
  ["upper-case digits", range("0x000000000000000A", half)],
  ["a range that is empty", range(half, half)],
  ["a range that is upside down", range(half, zero)],
  ["mixed fields", `${range(zero, half)} || ${range(half, top, "namespace")}`],
  ["another field", range(zero, half, "name")],
  ["&&", `${range(zero, half)} && ${range(half, top)}`],
])("%s is rejected", (_what, text) => {
  expect(() => parseShardSelector(text)).toThrow(/^invalid shard selector: /);
});

test("ranges that cover the key space take each object exactly once", async () => {
  await using fake = await startFakeKubernetes();
  const api = new ApiClient({ baseUrl: fake.url, headers: {} });
  for (let i = 0; i < 50; i++)
    fake.create("pods", { metadata: { namespace: "default", name: `p${i}` } });
  const bounds = [zero, "0x3fffffffffffffff", half, "0xffffffffffffffff", top];
  const names: string[] = [];
  for (let i = 1; i < bounds.length; i++) {
    const selector = encodeURIComponent(range(bounds[i - 1]!, bounds[i]!));
    const { items } = await api.json(`/api/v1/pods?shardSelector=${selector}`);
    for (const item of items) names.push(item.metadata.name);
  }
  expect(names.toSorted()).toEqual(fake.names("pods").map(({ name }) => name));
});

test("by namespace, whole namespaces are in or out", async () => {
  await using fake = await startFakeKubernetes();
  const api = new ApiClient({ baseUrl: fake.url, headers: {} });
  for (const namespace of ["default", "a"])
    fake.create("pods", { metadata: { namespace, name: "p" } });
  const selector = encodeURIComponent(
    range("0xebada5168620c5fe", "0xebada5168620c5ff", "namespace"),
  );
  const { items } = await api.json(`/api/v1/pods?shardSelector=${selector}`);
  expect(items).toMatchObject([{ metadata: { namespace: "default" } }]);
});
