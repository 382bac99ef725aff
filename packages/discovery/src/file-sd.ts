import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What a file is to hold; equal tags mean equal bodies. */
export interface FileContent {
  readonly etag: string;
  readonly body: () => string;
}

/**
 * Keeps one file for each job in a directory, `<job>.json`, for Prometheus's file_sd. A file is replaced as a whole, and only
 * when its content changes. While a job's targets are not known its file stays as it is.
 */
export class FileSd {
  readonly #directory: string;
  /** The tags of what is on disk, by job. */
  readonly #written = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Path of a job's file; characters that a file name should not have are percent-encoded. */
  pathOf(job: string): string {
    return join(this.#directory, `${encodeURIComponent(job)}.json`);
  }

  /** Answers whether the file was written. Throws `FILE_SD_UNWRITABLE`; the old file is then still there. */
  async write(job: string, list: FileContent): Promise<boolean> {
    const path = this.pathOf(job);
    if (this.#written.get(job) === list.etag) return false;
    const content = list.body();
    const isFirst = !this.#written.has(job);
    if (isFirst && (await readFile(path, "utf8").catch(() => undefined)) === content) {
      this.#written.set(job, list.etag);
      return false;
    }
    // No pattern for targets matches this name, and in one directory a rename is atomic.
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(this.#directory, { recursive: true });
      await writeFile(temporary, content);
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new ExporterError(
        "FILE_SD_UNWRITABLE",
        `${path} cannot be written: ${messageOf(cause)}; it is tried again with the next change`,
        { cause },
      );
    }
    this.#written.set(job, list.etag);
    return true;
  }

  /** Removes the files of jobs that are no more, if this object wrote them. */
  async keepOnly(jobs: ReadonlySet<string>): Promise<void> {
    for (const job of this.#written.keys()) {
      if (jobs.has(job)) continue;
      this.#written.delete(job);
      await rm(this.pathOf(job), { force: true });
    }
  }
}
