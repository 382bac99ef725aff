import { decodeJson, persistentVolume } from "@kube-state-mosaic/wire";
import { expect, test } from "vitest";
import { volumeSource } from "./volume-source.ts";

/** In the order in which they are looked for. */
const sources = {
  gcePersistentDisk: { pdName: "disk" },
  awsElasticBlockStore: { volumeID: "aws" },
  azureDisk: { diskName: "azure" },
  fc: { lun: 0, targetWWNs: ["a", "b"], wwids: ["", "c"] },
  iscsi: { targetPortal: "portal", iqn: "iqn" },
  nfs: { server: "server", path: "/nfs" },
  csi: { driver: "driver", volumeHandle: "handle" },
  local: { path: "/local" },
  hostPath: { path: "/host", type: "Directory" },
};

function labelsOf(spec: object): object {
  const labels = volumeSource(decodeJson(persistentVolume, { spec }).spec);
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined));
}

test.each<[keyof typeof sources, object]>([
  ["gcePersistentDisk", { gce_persistent_disk_name: "disk" }],
  ["awsElasticBlockStore", { ebs_volume_id: "aws" }],
  ["azureDisk", { azure_disk_name: "azure" }],
  ["fc", { fc_lun: "0", fc_target_wwns: "a,b", fc_wwids: "c" }],
  ["iscsi", { iscsi_target_portal: "portal", iscsi_iqn: "iqn", iscsi_lun: "0" }],
  ["nfs", { nfs_server: "server", nfs_path: "/nfs" }],
  ["csi", { csi_driver: "driver", csi_volume_handle: "handle" }],
  ["local", { local_path: "/local" }],
  ["hostPath", { host_path: "/host", host_path_type: "Directory" }],
])("%s gives its labels, and hides every source after it", (name, labels) => {
  const names = Object.keys(sources);
  const others = Object.entries(sources).slice(names.indexOf(name));
  expect(labelsOf({ [name]: sources[name] })).toEqual(labels);
  expect(labelsOf(Object.fromEntries(others))).toEqual(labels);
});

test("any other source, or none, gives no labels", () => {
  expect(labelsOf({ cephfs: { monitors: ["a"] } })).toEqual({});
  expect(labelsOf({})).toEqual({});
});

test("texts are joined without a comma before the first that is not empty", () => {
  expect(labelsOf({ fc: { wwids: ["", "", "a", "", "b"] } })).toMatchObject({ fc_wwids: "a,,b" });
});
