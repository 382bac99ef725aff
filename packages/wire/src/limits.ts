/** The largest frame of a protobuf watch, in bytes; client-go refuses larger ones too, and etcd keeps objects below 1.5 MiB. */
export const frameLimit: number = 16 * 1024 * 1024;

/** The largest object of a list or of a JSON watch, in bytes: JSON takes more room than what etcd keeps. */
export const itemLimit: number = 64 * 1024 * 1024;
