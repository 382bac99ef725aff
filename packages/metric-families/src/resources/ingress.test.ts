import {
  decodeJson,
  decodeProtobuf,
  encodeProtobuf,
  ingress,
  type Ingress,
} from "@kube-state-mosaic/wire";
import { describe, expect, test } from "vitest";
import { renderer } from "../renderer.ts";
import { ingresses } from "./ingress.ts";

const withBackends = (...backends: readonly unknown[]): unknown => ({
  metadata: { namespace: "shop", name: "web" },
  spec: {
    rules: [
      {
        host: "a.example",
        http: { paths: backends.map((backend, index) => ({ path: `/${index}`, backend })) },
      },
    ],
  },
});

describe.each([
  ["JSON", (object: unknown): Ingress => decodeJson(ingress, object)],
  [
    "protobuf",
    (object: unknown): Ingress => decodeProtobuf(ingress, encodeProtobuf(ingress, object)),
  ],
])("from %s", (_encoding, decoded) => {
  test("a path that leads to neither a service nor a resource has no sample, and costs no other its own", () => {
    const object = decoded(
      withBackends(
        { service: { name: "shop", port: { number: 80 } } },
        {},
        { service: null },
        {
          resource: { apiGroup: "storage.example", kind: "Bucket", name: "assets" },
        },
      ),
    );
    expect(samples(object)).toEqual([
      'kube_ingress_info{namespace="shop",ingress="web",ingressclass="_default"} 1',
      'kube_ingress_path{namespace="shop",ingress="web",host="a.example",path="/0",path_type="",service_name="shop",service_port="80"} 1',
      'kube_ingress_path{namespace="shop",ingress="web",host="a.example",path="/3",path_type="",resource_api_group="storage.example",resource_kind="Bucket",resource_name="assets"} 1',
    ]);
  });

  test("a path without any backend field has no sample", () => {
    expect(samples(decoded(withBackends(undefined)))).toEqual([
      'kube_ingress_info{namespace="shop",ingress="web",ingressclass="_default"} 1',
    ]);
  });

  test("a service wins over a resource", () => {
    const both = { service: { name: "shop" }, resource: { kind: "Bucket", name: "assets" } };
    expect(samples(decoded(withBackends(both)))).toContain(
      'kube_ingress_path{namespace="shop",ingress="web",host="a.example",path="/0",path_type="",service_name="shop",service_port="0"} 1',
    );
  });

  test("a rule without paths has no sample", () => {
    const spec = { rules: [{ host: "a.example" }, { host: "b.example", http: null }] };
    expect(samples(decoded({ metadata: { namespace: "shop", name: "web" }, spec }))).toHaveLength(
      1,
    );
  });
});

function samples(object: Ingress): string[] {
  const none = { labelsAllowList: [], annotationsAllowList: [] };
  const { render } = renderer(ingresses, none, () => true);
  return render(object).join("").split("\n").slice(0, -1);
}
