import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Daemon } from "./daemon.ts";

/** A container image as a folder. */
export interface ImageFolder {
  /** Its root; mount points are created in it. */
  readonly root: string;
  readonly entrypoint: readonly string[];
}

export interface ContainerSettings {
  readonly name: string;
  readonly image: ImageFolder;
  /** Process that holds the pod's network namespace. */
  readonly networkOf: number;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** User and group number. */
  readonly user: number;
  /** Folders by where they are mounted, read-only. */
  readonly mounts: ReadonlyMap<string, string>;
}

/** In a mount namespace of its own: the image read-only, what is mounted into it, and then nothing but the image. */
const script = `
set -e
root=$1 user=$2 mounts=$3
shift 3
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ "$mounts" -gt 0 ]; do
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
  mounts=$((mounts - 1))
done
exec chroot --userspec="$user:$user" "$root" "$@"
`;

/** Starts the command of a container as a process that sees the image's files only, cannot write to them, and has the pod's network. As root. */
export async function startContainer(settings: ContainerSettings): Promise<Daemon> {
  const { name, image, networkOf, user, mounts, environment } = settings;
  for (const point of ["/proc", "/dev", ...mounts.keys()])
    await mkdir(join(image.root, point), { recursive: true });
  const sources = [...mounts].flatMap(([point, folder]) => [folder, point]);
  // Each of them is replaced by the next, so that signals reach the container's own process.
  const enter = ["--target", String(networkOf), "--net", "unshare", "--mount", "sh", "-c", script];
  const args = ["sh", image.root, String(user), String(mounts.size), ...sources];
  return Daemon.start({
    name,
    command: "nsenter",
    args: [...enter, ...args, ...settings.command],
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...environment },
    cwd: "/",
    keepLines: 5_000,
  });
}
