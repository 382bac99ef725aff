import { readFile } from "node:fs/promises";

/** How workers are talked to where they do not let everybody in. Files are read again when they change. */
export interface WorkerAccess {
  /** PEM; whom to trust instead of the system's authorities. */
  readonly caFile?: string | undefined;
  /** A bearer token. */
  readonly tokenFile?: string | undefined;
  /** PEM; both or none. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** What a connection needs: `ca`, `cert`, `key`. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Reads what TLS needs; throws what the file system throws. */
export async function readTls({ caFile, certFile, keyFile }: WorkerAccess): Promise<TlsFiles> {
  const text = (path: string | undefined) => (path ? readFile(path, "utf8") : undefined);
  const [ca, cert, key] = await Promise.all([text(caFile), text(certFile), text(keyFile)]);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

/** The request headers that let us in. Tokens are rotated, so the file is read for each request. */
export async function authorization({ tokenFile }: WorkerAccess): Promise<Record<string, string>> {
  if (!tokenFile) return {};
  return { authorization: `Bearer ${(await readFile(tokenFile, "utf8")).trim()}` };
}
