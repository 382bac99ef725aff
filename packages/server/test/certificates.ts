import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Certificates of elliptic curves in a folder of their own, made by openssl. */
export class Certificates implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(): Promise<Certificates> {
    return new Certificates(await mkdtemp(join(tmpdir(), "certificates-")));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), "utf8");
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  /** `<name>.crt` and `<name>.key` of an authority that signs itself. */
  async authority(name: string): Promise<void> {
    await this.#openssl([...request(name), "-x509", "-days", "2", "-out", `${name}.crt`]);
  }

  /** `<name>.crt` and `<name>.key`, signed by an authority, valid for the names given as `DNS:localhost,IP:127.0.0.1`. */
  async signed(name: string, { by, sans }: { by: string; sans: string }): Promise<void> {
    await this.#openssl([...request(name), "-out", `${name}.csr`]);
    await this.write(`${name}.ext`, `subjectAltName=${sans}\n`);
    const authority = ["-CA", `${by}.crt`, "-CAkey", `${by}.key`, "-CAcreateserial"];
    const out = ["-days", "2", "-extfile", `${name}.ext`, "-out", `${name}.crt`];
    await this.#openssl(["x509", "-req", "-in", `${name}.csr`, ...authority, ...out]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #openssl(args: readonly string[]): Promise<void> {
    await run("openssl", args, { cwd: this.folder });
  }
}

function request(name: string): string[] {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  return ["req", ...key, "-keyout", `${name}.key`, "-subj", `/CN=${name}`];
}
