// core/v1: persistent volumes and their claims. The numbers are those of the published generated.proto files; only what is read is declared.
import {
  embedded,
  int32,
  list,
  map,
  message,
  one,
  optional,
  quantities,
  string,
  strings,
  type Message,
} from "../schema.ts";
import { type ObjectMeta, objectMeta } from "./object-meta.ts";
import { type ObjectReference, objectReference } from "./object-reference.ts";

interface GCEPersistentDiskVolumeSource {
  readonly pdName: string;
}

const gcePersistentDiskVolumeSource: Message<GCEPersistentDiskVolumeSource> =
  message<GCEPersistentDiskVolumeSource>("GCEPersistentDiskVolumeSource", {
    pdName: string(1),
  });

interface AWSElasticBlockStoreVolumeSource {
  readonly volumeID: string;
}

const awsElasticBlockStoreVolumeSource: Message<AWSElasticBlockStoreVolumeSource> =
  message<AWSElasticBlockStoreVolumeSource>("AWSElasticBlockStoreVolumeSource", {
    volumeID: string(1),
  });

interface HostPathVolumeSource {
  readonly path: string;
  readonly type: string | undefined;
}

const hostPathVolumeSource: Message<HostPathVolumeSource> = message<HostPathVolumeSource>(
  "HostPathVolumeSource",
  {
    path: string(1),
    type: optional(string(2)),
  },
);

interface NFSVolumeSource {
  readonly server: string;
  readonly path: string;
}

const nfsVolumeSource: Message<NFSVolumeSource> = message<NFSVolumeSource>("NFSVolumeSource", {
  server: string(1),
  path: string(2),
});

interface ISCSIPersistentVolumeSource {
  readonly targetPortal: string;
  readonly iqn: string;
  readonly lun: number;
  readonly initiatorName: string | undefined;
}

const iscsiPersistentVolumeSource: Message<ISCSIPersistentVolumeSource> =
  message<ISCSIPersistentVolumeSource>("ISCSIPersistentVolumeSource", {
    targetPortal: string(1),
    iqn: string(2),
    lun: int32(3),
    initiatorName: optional(string(12)),
  });

interface FCVolumeSource {
  readonly targetWWNs: readonly string[];
  readonly lun: number | undefined;
  readonly wwids: readonly string[];
}

const fcVolumeSource: Message<FCVolumeSource> = message<FCVolumeSource>("FCVolumeSource", {
  targetWWNs: strings(1),
  lun: optional(int32(2)),
  wwids: strings(5),
});

interface AzureDiskVolumeSource {
  readonly diskName: string;
}

const azureDiskVolumeSource: Message<AzureDiskVolumeSource> = message<AzureDiskVolumeSource>(
  "AzureDiskVolumeSource",
  {
    diskName: string(1),
  },
);

interface LocalVolumeSource {
  readonly path: string;
  readonly fsType: string | undefined;
}

const localVolumeSource: Message<LocalVolumeSource> = message<LocalVolumeSource>(
  "LocalVolumeSource",
  {
    path: string(1),
    fsType: optional(string(2)),
  },
);

interface CSIPersistentVolumeSource {
  readonly driver: string;
  readonly volumeHandle: string;
  readonly volumeAttributes: ReadonlyMap<string, string>;
}

const csiPersistentVolumeSource: Message<CSIPersistentVolumeSource> =
  message<CSIPersistentVolumeSource>("CSIPersistentVolumeSource", {
    driver: string(1),
    volumeHandle: string(2),
    volumeAttributes: map(5),
  });

interface PersistentVolumeSource {
  readonly gcePersistentDisk: GCEPersistentDiskVolumeSource | undefined;
  readonly awsElasticBlockStore: AWSElasticBlockStoreVolumeSource | undefined;
  readonly hostPath: HostPathVolumeSource | undefined;
  readonly nfs: NFSVolumeSource | undefined;
  readonly iscsi: ISCSIPersistentVolumeSource | undefined;
  readonly fc: FCVolumeSource | undefined;
  readonly azureDisk: AzureDiskVolumeSource | undefined;
  readonly local: LocalVolumeSource | undefined;
  readonly csi: CSIPersistentVolumeSource | undefined;
}

const persistentVolumeSource: Message<PersistentVolumeSource> = message<PersistentVolumeSource>(
  "PersistentVolumeSource",
  {
    gcePersistentDisk: optional(one(1, gcePersistentDiskVolumeSource)),
    awsElasticBlockStore: optional(one(2, awsElasticBlockStoreVolumeSource)),
    hostPath: optional(one(3, hostPathVolumeSource)),
    nfs: optional(one(5, nfsVolumeSource)),
    iscsi: optional(one(7, iscsiPersistentVolumeSource)),
    fc: optional(one(10, fcVolumeSource)),
    azureDisk: optional(one(16, azureDiskVolumeSource)),
    local: optional(one(20, localVolumeSource)),
    csi: optional(one(22, csiPersistentVolumeSource)),
  },
);

interface PersistentVolumeSpec extends PersistentVolumeSource {
  readonly capacity: ReadonlyMap<string, string>;
  readonly accessModes: readonly string[];
  readonly claimRef: ObjectReference | undefined;
  readonly persistentVolumeReclaimPolicy: string;
  readonly storageClassName: string;
  readonly volumeMode: string | undefined;
}

const persistentVolumeSpec: Message<PersistentVolumeSpec> = message<PersistentVolumeSpec>(
  "PersistentVolumeSpec",
  {
    capacity: quantities(1),
    ...embedded(2, persistentVolumeSource),
    accessModes: strings(3),
    claimRef: optional(one(4, objectReference)),
    persistentVolumeReclaimPolicy: string(5),
    storageClassName: string(6),
    volumeMode: optional(string(8)),
  },
);

interface PersistentVolumeStatus {
  readonly phase: string;
}

const persistentVolumeStatus: Message<PersistentVolumeStatus> = message<PersistentVolumeStatus>(
  "PersistentVolumeStatus",
  {
    phase: string(1),
  },
);

export interface PersistentVolume {
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeSpec;
  readonly status: PersistentVolumeStatus;
}

export const persistentVolume: Message<PersistentVolume> = message<PersistentVolume>(
  "PersistentVolume",
  {
    metadata: one(1, objectMeta),
    spec: one(2, persistentVolumeSpec),
    status: one(3, persistentVolumeStatus),
  },
);

interface VolumeResourceRequirements {
  readonly requests: ReadonlyMap<string, string>;
}

const volumeResourceRequirements: Message<VolumeResourceRequirements> =
  message<VolumeResourceRequirements>("VolumeResourceRequirements", {
    requests: quantities(2),
  });

interface PersistentVolumeClaimSpec {
  readonly accessModes: readonly string[];
  readonly resources: VolumeResourceRequirements;
  readonly volumeName: string;
  readonly storageClassName: string | undefined;
  readonly volumeMode: string | undefined;
}

const persistentVolumeClaimSpec: Message<PersistentVolumeClaimSpec> =
  message<PersistentVolumeClaimSpec>("PersistentVolumeClaimSpec", {
    accessModes: strings(1),
    resources: one(2, volumeResourceRequirements),
    volumeName: string(3),
    storageClassName: optional(string(5)),
    volumeMode: optional(string(6)),
  });

export interface PersistentVolumeClaimCondition {
  readonly type: string;
  readonly status: string;
}

const persistentVolumeClaimCondition: Message<PersistentVolumeClaimCondition> =
  message<PersistentVolumeClaimCondition>("PersistentVolumeClaimCondition", {
    type: string(1),
    status: string(2),
  });

interface PersistentVolumeClaimStatus {
  readonly phase: string;
  readonly accessModes: readonly string[];
  readonly conditions: readonly PersistentVolumeClaimCondition[];
}

const persistentVolumeClaimStatus: Message<PersistentVolumeClaimStatus> =
  message<PersistentVolumeClaimStatus>("PersistentVolumeClaimStatus", {
    phase: string(1),
    accessModes: strings(2),
    conditions: list(4, persistentVolumeClaimCondition),
  });

export interface PersistentVolumeClaim {
  readonly metadata: ObjectMeta;
  readonly spec: PersistentVolumeClaimSpec;
  readonly status: PersistentVolumeClaimStatus;
}

export const persistentVolumeClaim: Message<PersistentVolumeClaim> = message<PersistentVolumeClaim>(
  "PersistentVolumeClaim",
  {
    metadata: one(1, objectMeta),
    spec: one(2, persistentVolumeClaimSpec),
    status: one(3, persistentVolumeClaimStatus),
  },
);
