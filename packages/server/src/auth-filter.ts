import { messageOf } from "@kube-state-mosaic/errors";
import type { Logger } from "@kube-state-mosaic/telemetry";
import { createHmac, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ExpiringCache } from "./expiring-cache.ts";
import { Reviews, type ReviewClient, type TokenVerdict, type User } from "./reviews.ts";

/** What the filter needs of the world. */
export interface Time {
  /** Milliseconds, never going back. */
  readonly now: () => number;
  readonly delay: (milliseconds: number) => Promise<unknown>;
  /** From 0 up to 1. */
  readonly random: () => number;
}

export interface AuthFilterOptions {
  /** Undefined: there is no API server to ask, and nobody gets in. */
  readonly client: ReviewClient | undefined;
  readonly logger?: Logger | undefined;
  readonly time?: Time;
}

export interface AuthRequest {
  /** Decoded and cleaned, without query. */
  readonly path: string;
  readonly method: string;
  /** The header. */
  readonly authorization: string | undefined;
}

/** An answer instead of the one asked for; the text without its line end. */
export interface Refusal {
  readonly status: 401 | 403 | 500 | 503;
  readonly text: string;
}

const tokenLifetime = 60_000;
const allowedLifetime = 300_000;
const deniedLifetime = 30_000;
const cacheLimit = 8_192;
/** Characters of verb and path together; longer ones are asked each time. */
const longestCached = 10_000;

const systemTime: Time = { now: () => performance.now(), delay: sleep, random: Math.random };

/**
 * Lets a request through when its bearer token belongs to somebody (TokenReview) who may use this verb on this path
 * (SubjectAccessReview on the non-resource URL). Whatever goes wrong, the answer is no.
 */
export class AuthFilter {
  readonly #reviews: Reviews | undefined;
  readonly #logger: Logger | undefined;
  readonly #secret = randomBytes(32);
  readonly #tokens: ExpiringCache<User | "nobody">;
  readonly #access: ExpiringCache<boolean>;
  readonly #running = new Map<string, Promise<unknown>>();

  constructor({ client, logger, time = systemTime }: AuthFilterOptions) {
    this.#reviews = client && new Reviews(client, time);
    this.#logger = logger;
    this.#tokens = new ExpiringCache(cacheLimit, time.now);
    this.#access = new ExpiringCache(cacheLimit, time.now);
  }

  /** Undefined: the request may go on. Never rejects. */
  async refusal(request: AuthRequest): Promise<Refusal | undefined> {
    const reviews = this.#reviews;
    if (reviews === undefined) return { status: 503, text: "auth filter unavailable" };
    const token = bearerToken(request.authorization);
    if (token === undefined) return { status: 401, text: "Unauthorized" };
    let user: User | undefined;
    try {
      user = await this.#userOf(token, reviews);
    } catch (error) {
      this.#warn("TokenReview", error);
    }
    if (user === undefined) return { status: 500, text: "Authentication failed" };
    try {
      if (await this.#allows(user, { ...request, reviews })) return undefined;
      return { status: 403, text: `Authorization denied for user ${user.username}` };
    } catch (error) {
      this.#warn("SubjectAccessReview", error);
      return { status: 500, text: `Authorization for user ${user.username} failed` };
    }
  }

  async #userOf(token: string, reviews: Reviews): Promise<User | undefined> {
    const key = this.#key("token", token);
    const known = this.#tokens.get(key);
    if (known !== undefined) return known === "nobody" ? undefined : known;
    const verdict = await this.#once(key, async (): Promise<TokenVerdict> => {
      const given = await reviews.token(token);
      if (given.lasting) this.#tokens.set(key, given.user ?? "nobody", tokenLifetime);
      return given;
    });
    return verdict.user;
  }

  async #allows(
    user: User,
    { path, method, reviews }: AuthRequest & { reviews: Reviews },
  ): Promise<boolean> {
    const verb = method.toLowerCase();
    const { username, uid, groups, extra } = user;
    const spec = { user: username, uid, groups, extra, nonResourceAttributes: { path, verb } };
    const key = this.#key("access", JSON.stringify(spec));
    const known = this.#access.get(key);
    if (known !== undefined) return known;
    return this.#once(key, async () => {
      const allowed = await reviews.access(spec);
      if (verb.length + path.length < longestCached)
        this.#access.set(key, allowed, allowed ? allowedLifetime : deniedLifetime);
      return allowed;
    });
  }

  /** Who asks the same while it is being asked waits for the same answer. */
  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    // The key says what is asked, and so of which type the answer is.
    const running = this.#running.get(key) as Promise<T> | undefined;
    if (running !== undefined) return running;
    const asked = ask().finally(() => this.#running.delete(key));
    this.#running.set(key, asked);
    return asked;
  }

  /** Tokens themselves are not kept. */
  #key(kind: "token" | "access", text: string): string {
    return createHmac("sha256", this.#secret).update(`${kind}\0${text}`).digest("base64");
  }

  #warn(review: string, error: unknown): void {
    this.#logger?.warn("a review by the API server failed; the request is refused", {
      review,
      error: messageOf(error),
    });
  }
}

/** The scheme in any case, exactly one blank, and the token up to the next one. */
function bearerToken(header: string | undefined): string | undefined {
  const [scheme = "", token = ""] = (header ?? "").trim().split(" ");
  return scheme.toLowerCase() === "bearer" && token !== "" ? token : undefined;
}
