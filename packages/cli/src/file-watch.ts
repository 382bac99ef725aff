import { readFileSync, statSync, watch, type FSWatcher } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Files by the path they are named with; undefined: not there, not readable, or no regular file. */
export type FileContents = ReadonlyMap<string, Buffer | undefined>;

export interface FileWatchOptions {
  /** Asked at each look: a directory gets files, and one file may name others. */
  readonly paths: () => readonly string[];
  /** What is in use already. */
  readonly known: FileContents;
  /** Gets all files, and the paths of those that have changed since the last call, together. */
  readonly onChange: (contents: FileContents, changed: readonly string[]) => void | Promise<void>;
  /** Milliseconds between two looks when no event comes, as on network file systems; default 5,000. */
  readonly pollMs?: number;
  /** Milliseconds that changed files have to stay as they are; default 50. */
  readonly settleMs?: number;
  /** The same for a file that is gone or ends within a line, both of which writers leave for a moment; default 1,000. */
  readonly hesitateMs?: number;
}

/** Events of a busy directory are gathered. Milliseconds. */
const gatherMs = 20;

/**
 * Looks at the content of files when their directories change and now and then, through symbolic links, so that every way of replacing
 * one is seen: a write, a rename, the swap of a mounted ConfigMap. What has the same content has not changed.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #directories = new Map<
    string,
    { readonly identity: string; readonly watcher: FSWatcher }
  >();
  #known: FileContents;
  #event = Promise.withResolvers<void>();

  constructor(options: FileWatchOptions) {
    this.#options = options;
    this.#known = options.known;
  }

  /** Watches until aborted. Rejects with what `onChange` throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { onChange, pollMs = 5_000 } = this.#options;
    const stop = (): void => this.#event.resolve();
    signal.addEventListener("abort", stop);
    try {
      while (!signal.aborted) {
        const contents = await this.#settled(signal);
        if (signal.aborted) return;
        if (contents === undefined) await this.#pause(pollMs, signal);
        else {
          const changed = differing(this.#known, contents);
          this.#known = contents;
          await onChange(contents, changed);
        }
      }
    } finally {
      signal.removeEventListener("abort", stop);
      for (const { watcher } of this.#directories.values()) watcher.close();
      this.#directories.clear();
    }
  }

  /** What the files hold once it stays the same; undefined if that is what is known. */
  async #settled(signal: AbortSignal): Promise<FileContents | undefined> {
    const { settleMs = 50, hesitateMs = 1_000 } = this.#options;
    let contents = await this.#look();
    let since = performance.now();
    while (!signal.aborted) {
      const changed = differing(this.#known, contents);
      if (changed.length === 0) return undefined;
      const isWhole = changed.every((path) => contents.get(path)?.at(-1) === 0x0a);
      const left = since + (isWhole ? settleMs : hesitateMs) - performance.now();
      if (left <= 0) return contents;
      await this.#pause(left, signal);
      const again = await this.#look();
      if (differing(contents, again).length > 0) since = performance.now();
      contents = again;
    }
    return undefined;
  }

  async #look(): Promise<FileContents> {
    const paths = [...new Set(this.#options.paths())];
    // Before the files are read: what changes meanwhile is an event.
    await this.#watch(paths);
    return new Map(
      await Promise.all(paths.map(async (path) => [path, await contentOf(path)] as const)),
    );
  }

  /** Waits for an event, but not longer. */
  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    const timer = setTimeout(this.#event.resolve, milliseconds);
    await this.#event.promise;
    clearTimeout(timer);
    if (!signal.aborted) await delay(Math.min(gatherMs, milliseconds));
    this.#event = Promise.withResolvers();
  }

  /** Where a directory cannot be watched, the looks now and then have to do. */
  async #watch(paths: readonly string[]): Promise<void> {
    const wanted = new Set<string>();
    for (const path of paths) {
      wanted.add(dirname(path));
      const target = await realpath(path).catch(() => path);
      wanted.add(dirname(target));
    }
    for (const [directory, { watcher, identity }] of this.#directories) {
      if (wanted.has(directory) && identity === (await identityOf(directory))) continue;
      watcher.close();
      this.#directories.delete(directory);
    }
    for (const directory of wanted) {
      if (this.#directories.has(directory)) continue;
      const identity = await identityOf(directory);
      try {
        const watcher = watch(directory, { persistent: false }, () => this.#event.resolve());
        watcher.on("error", () => undefined);
        this.#directories.set(directory, { identity, watcher });
      } catch {
        // Missing, or the system's limit of watches is reached.
      }
    }
  }
}

/** Resolves when a file has got another content than the one known. */
export async function changeOf(path: string, known: Buffer | undefined): Promise<void> {
  const found = new AbortController();
  const watch = new FileWatch({
    paths: () => [path],
    known: new Map([[path, known]]),
    onChange: () => found.abort(),
  });
  await watch.run(found.signal);
}

/** What files hold at this moment. */
export function contentsNow(paths: readonly string[]): FileContents {
  return new Map(
    paths.map((path) => {
      const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
      return [path, isFile ? readFileSync(path) : undefined];
    }),
  );
}

/** Paths whose content differs, or which stand in one of the two only. */
function differing(before: FileContents, after: FileContents): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => {
    const [left, right] = [before.get(path), after.get(path)];
    return left === undefined || right === undefined ? left !== right : !left.equals(right);
  });
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    // A pipe can be read once only, and that has been done.
    return (await stat(path)).isFile() ? await readFile(path) : undefined;
  } catch {
    return undefined;
  }
}

/** A directory that is removed and made again is another one, of which its watcher hears nothing. */
async function identityOf(directory: string): Promise<string> {
  const { dev, ino } = await stat(directory).catch(() => ({ dev: 0, ino: 0 }));
  return `${dev}:${ino}`;
}
