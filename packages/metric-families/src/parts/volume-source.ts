import type { PersistentVolume } from "@kube-state-mosaic/wire";

/** The labels that a volume's source gives; those of all other sources are absent. */
interface VolumeSource {
  readonly gce_persistent_disk_name?: string;
  readonly ebs_volume_id?: string;
  readonly azure_disk_name?: string;
  readonly fc_wwids?: string;
  readonly fc_lun?: string | undefined;
  readonly fc_target_wwns?: string;
  readonly iscsi_target_portal?: string;
  readonly iscsi_iqn?: string;
  readonly iscsi_lun?: string;
  readonly iscsi_initiator_name?: string | undefined;
  readonly nfs_server?: string;
  readonly nfs_path?: string;
  readonly csi_driver?: string;
  readonly csi_volume_handle?: string;
  readonly local_path?: string;
  readonly local_fs?: string | undefined;
  readonly host_path?: string;
  readonly host_path_type?: string | undefined;
}

/** The labels of a row that is a volume's source; those of other sources are empty. */
export const sourceLabels: Readonly<
  Record<keyof VolumeSource, (source: VolumeSource) => string | undefined>
> = {
  gce_persistent_disk_name: (source) => source.gce_persistent_disk_name,
  ebs_volume_id: (source) => source.ebs_volume_id,
  azure_disk_name: (source) => source.azure_disk_name,
  fc_wwids: (source) => source.fc_wwids,
  fc_lun: (source) => source.fc_lun,
  fc_target_wwns: (source) => source.fc_target_wwns,
  iscsi_target_portal: (source) => source.iscsi_target_portal,
  iscsi_iqn: (source) => source.iscsi_iqn,
  iscsi_lun: (source) => source.iscsi_lun,
  iscsi_initiator_name: (source) => source.iscsi_initiator_name,
  nfs_server: (source) => source.nfs_server,
  nfs_path: (source) => source.nfs_path,
  csi_driver: (source) => source.csi_driver,
  csi_volume_handle: (source) => source.csi_volume_handle,
  local_path: (source) => source.local_path,
  local_fs: (source) => source.local_fs,
  host_path: (source) => source.host_path,
  host_path_type: (source) => source.host_path_type,
};

const otherSource: VolumeSource = {};

/** The first source that is set, in the fixed order of the reference; later ones do not show. */
export function volumeSource(spec: PersistentVolume["spec"]): VolumeSource {
  const { gcePersistentDisk, awsElasticBlockStore, azureDisk, fc, iscsi, nfs, csi } = spec;
  if (gcePersistentDisk !== undefined)
    return { gce_persistent_disk_name: gcePersistentDisk.pdName };
  if (awsElasticBlockStore !== undefined) return { ebs_volume_id: awsElasticBlockStore.volumeID };
  if (azureDisk !== undefined) return { azure_disk_name: azureDisk.diskName };
  if (fc !== undefined)
    return {
      fc_wwids: joined(fc.wwids),
      fc_lun: fc.lun?.toString(),
      fc_target_wwns: joined(fc.targetWWNs),
    };
  if (iscsi !== undefined)
    return {
      iscsi_target_portal: iscsi.targetPortal,
      iscsi_iqn: iscsi.iqn,
      iscsi_lun: iscsi.lun.toString(),
      iscsi_initiator_name: iscsi.initiatorName,
    };
  if (nfs !== undefined) return { nfs_server: nfs.server, nfs_path: nfs.path };
  if (csi !== undefined) return { csi_driver: csi.driver, csi_volume_handle: csi.volumeHandle };
  return hostSource(spec);
}

function hostSource({ local, hostPath }: PersistentVolume["spec"]): VolumeSource {
  if (local !== undefined) return { local_path: local.path, local_fs: local.fsType };
  if (hostPath !== undefined) return { host_path: hostPath.path, host_path_type: hostPath.type };
  return otherSource;
}

/** Joined by commas, except that nothing stands before the first text that is not empty. */
function joined(texts: readonly string[]): string {
  return texts.reduce((text, next) => (text === "" ? next : `${text},${next}`), "");
}
