import { verify } from "@node-rs/bcrypt";
import { createHmac, randomBytes, randomInt } from "node:crypto";

/** Checks user names and passwords against bcrypt hashes: outside the event loop, one after the other, each result kept. */
export class BasicAuth {
  readonly #cacheKey = randomBytes(32);
  readonly #results = new Map<string, boolean>();
  readonly #running = new Map<string, Promise<boolean>>();
  #last: Promise<unknown> = Promise.resolve();

  /** Whether an `Authorization` header names one of the users with their password. */
  async allows(header: string | undefined, users: ReadonlyMap<string, string>): Promise<boolean> {
    const given = credentials(header);
    if (given === undefined) return false;
    const { user, password } = given;
    const known = users.get(user);
    // An unknown user costs the same comparison, so that answers do not tell who exists.
    const hash = known ?? unknownUserHash(users);
    const key = createHmac("sha256", this.#cacheKey)
      .update(JSON.stringify([user, hash, password]))
      .digest("base64");
    const matches = this.#results.get(key) ?? (await this.#compare(key, { password, hash }));
    return matches && known !== undefined;
  }

  /** Who asks for the same while it is compared waits for the same result. */
  #compare(key: string, { password, hash }: { password: string; hash: string }): Promise<boolean> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const comparison = this.#last.then(async () => {
      const matches = await verify(password, hash);
      this.#remember(key, matches);
      return matches;
    });
    this.#running.set(key, comparison);
    const done = comparison.catch(() => undefined).then(() => void this.#running.delete(key));
    this.#last = done;
    return comparison;
  }

  #remember(key: string, matches: boolean): void {
    // A random one goes: whoever tries passwords cannot choose whose result is lost.
    if (this.#results.size >= maxResults) {
      const victim = [...this.#results.keys()][randomInt(this.#results.size)];
      if (victim !== undefined) this.#results.delete(victim);
    }
    this.#results.set(key, matches);
  }
}

const maxResults = 100;

function credentials(header = ""): { user: string; password: string } | undefined {
  const [, encoded] = /^basic ([A-Za-z0-9+/]*={0,2})$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const decoded = Buffer.from(encoded, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 0) return undefined;
  return { user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** A hash of no password anybody knows, as costly as the costliest of the users'. */
function unknownUserHash(users: ReadonlyMap<string, string>): string {
  const costs = [...users.values()].map((hash) => hash.slice(4, 6)).sort();
  return `$2b$${costs.at(-1) ?? "10"}$3dCOwDNcOQWAX9bGGyFwiuzlSETGc6ySQq5j0hkBIHOTIDgUZt0ra`;
}
