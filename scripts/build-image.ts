/**
 * Assembles the root folder of the container image: the bundle, native modules, the Node of the npm package `node`, the libraries
 * these are linked with, and the user that it runs as. What `deploy/Dockerfile` puts into the image, without a container engine.
 *
 * `node scripts/build-image.ts FOLDER`; the folder must be empty or absent.
 */
import {
  chmod,
  cp,
  mkdir,
  readFile,
  readdir,
  realpath,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "@kube-state-mosaic/control-plane";
import { ExporterError } from "@kube-state-mosaic/errors";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "packages/cli");
/** What the bundle leaves out, since it differs by machine. */
const nativeModules = ["@node-rs/xxhash", "@node-rs/bcrypt"];
const node = "/bin/node";
const nobody = 65_534;

/** Fills `folder`. Throws `IMAGE_FOLDER_IN_USE`, and what the bundler says. */
export async function buildImage(folder: string): Promise<void> {
  const image = resolve(folder);
  await mkdir(image, { recursive: true });
  if ((await readdir(image)).length > 0)
    throw new ExporterError("IMAGE_FOLDER_IN_USE", `${image} is not empty: name another folder`);
  // A temporary folder is its owner's only.
  await chmod(image, 0o755);

  const packagedNode = await realpath(
    join(dirname(createRequire(import.meta.url).resolve("node/package.json")), "bin/node"),
  );
  const app = join(image, "app");
  await run(
    join(root, "node_modules/.bin/rolldown"),
    ["--config", "rolldown.config.ts", "--dir", join(app, "dist")],
    { cwd: cli, env: { ...process.env, PATH: `${dirname(packagedNode)}:${process.env["PATH"]}` } },
  );
  await writeFile(join(app, "package.json"), await packageManifest());
  await place(packagedNode, join(image, node));
  const libraries = await librariesOf(packagedNode);
  for (const name of (await Promise.all(nativeModules.map(withPlatform))).flat()) {
    const source = join(root, "node_modules", name);
    await place(source, join(app, "node_modules", name));
    for (const file of await readdir(source))
      if (file.endsWith(".node"))
        for (const library of await librariesOf(join(source, file))) libraries.add(library);
  }
  for (const library of libraries) await place(library, join(image, library));
  await program(image);
  await users(image);
}

/** The launcher under its own name and that of the program it replaces, for manifests that name a command. */
async function program(image: string): Promise<void> {
  const launcher = join(image, "app/dist/kube-state-mosaic.mjs");
  const text = await readFile(launcher, "utf8");
  await writeFile(launcher, text.replace(/^#!.*/, `#!${node}`));
  await chmod(launcher, 0o755);
  for (const name of ["kube-state-mosaic", "kube-state-metrics"])
    await symlink("/app/dist/kube-state-mosaic.mjs", join(image, name));
}

async function users(image: string): Promise<void> {
  await mkdir(join(image, "etc"), { recursive: true });
  await writeFile(
    join(image, "etc/passwd"),
    `nobody:x:${nobody}:${nobody}:nobody:/:/sbin/nologin\n`,
  );
  await writeFile(join(image, "etc/group"), `nobody:x:${nobody}:\n`);
}

/** The part of package.json that is read while running. */
async function packageManifest(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(cli, "package.json"), "utf8"));
  const { name, version, license, type } = manifest as Record<string, string>;
  return `${JSON.stringify({ name, version, license, type }, undefined, 2)}\n`;
}

/** A native module and its build for this machine. */
async function withPlatform(name: string): Promise<readonly string[]> {
  const text = await readFile(join(root, "node_modules", name, "package.json"), "utf8");
  const { optionalDependencies = {} } = JSON.parse(text) as {
    optionalDependencies?: Readonly<Record<string, string>>;
  };
  const [scope = ""] = name.split("/");
  const installed = (await readdir(join(root, "node_modules", scope))).map(
    (one) => `${scope}/${one}`,
  );
  return [name, ...Object.keys(optionalDependencies).filter((one) => installed.includes(one))];
}

/** Absolute paths of the shared libraries that a program or library is linked with, the loader among them. */
async function librariesOf(file: string): Promise<Set<string>> {
  const lines = (await run("ldd", [file])).split("\n");
  const paths = lines.map((line) => /(?:=>\s*)?(\/\S+) \(0x/.exec(line)?.[1]);
  return new Set(paths.filter((path) => path !== undefined));
}

async function place(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await cp(await realpath(source), target, { recursive: true, dereference: true });
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error("usage: node scripts/build-image.ts FOLDER");
    process.exitCode = 2;
  } else await buildImage(folder);
}
