import { ExporterError } from "@kube-state-mosaic/errors";
import type { Time } from "./auth-filter.ts";

/** The API server, as far as it is asked who somebody is and what they may do. */
export interface ReviewClient {
  send(
    method: "POST",
    path: string,
    options: { readonly body: unknown; readonly signal: AbortSignal },
  ): Promise<unknown>;
}

/** As the API server knows the bearer of a token. */
export interface User {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** `lasting`: the same token will get the same answer for a while. */
export interface TokenVerdict {
  readonly user: User | undefined;
  readonly lasting: boolean;
}

/** Milliseconds that one review may take, further attempts included. */
const timeLimit = 10_000;
const attempts = 5;
const firstPause = 500;

/** A TokenReview and a SubjectAccessReview; both reject when the API server gives no verdict. */
export class Reviews {
  readonly #client: ReviewClient;
  readonly #time: Time;

  constructor(client: ReviewClient, time: Time) {
    this.#client = client;
    this.#time = time;
  }

  async token(token: string): Promise<TokenVerdict> {
    const path = "/apis/authentication.k8s.io/v1/tokenreviews";
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token } };
    const status = await this.#create(path, review);
    if (status["authenticated"] !== true)
      // A reason in words can be a passing one.
      return { user: undefined, lasting: !status["error"] };
    return { user: userOf(status["user"]), lasting: true };
  }

  /** `spec` as the API has it. */
  async access(spec: object): Promise<boolean> {
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const kind = "SubjectAccessReview";
    const status = await this.#create(path, { apiVersion: "authorization.k8s.io/v1", kind, spec });
    return status["allowed"] === true && status["denied"] !== true;
  }

  async #create(path: string, body: object): Promise<Fields> {
    const { now, delay, random } = this.#time;
    const deadline = now() + timeLimit;
    let pause = firstPause;
    for (let attempt = 1; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(Math.max(1, Math.ceil(deadline - now())));
        const review = await this.#client.send("POST", path, { body, signal });
        return fieldsOf(fieldsOf(review)["status"]);
      } catch (error) {
        const wait = Math.max(pause * (1 + 0.2 * random()), retryAfter(error));
        if (attempt === attempts || !isTransient(error) || now() + wait >= deadline) throw error;
        await delay(wait);
        pause *= 1.5;
      }
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null) return value as Fields;
  throw new ExporterError("REVIEW_UNREADABLE", "a review came back without a status");
}

function userOf(value: unknown): User {
  const { username, uid, groups, extra } = fieldsOf(value);
  // The API server's own form; what it leaves out is empty.
  const user = {
    username: typeof username === "string" ? username : "",
    uid: typeof uid === "string" ? uid : "",
    groups: Array.isArray(groups) ? (groups as string[]) : [],
    extra: (extra ?? {}) as User["extra"],
  };
  const { groups: given } = user;
  const complete =
    given.includes("system:authenticated") ||
    given.includes("system:unauthenticated") ||
    user.username === "system:anonymous";
  return complete ? user : { ...user, groups: [...given, "system:authenticated"] };
}

/** As an error of the Kubernetes client tells it: no answer at all, an overloaded server, or one that says when to come back. */
function isTransient(error: unknown): boolean {
  const { code, httpStatus } = error as { code?: unknown; httpStatus?: unknown };
  if (code === "API_UNREACHABLE" || code === "API_CONNECTION_LOST") return true;
  return [429, 500, 504].includes(Number(httpStatus)) || retryAfter(error) > 0;
}

/** Milliseconds. */
function retryAfter(error: unknown): number {
  const { retryAfterSeconds } = error as { retryAfterSeconds?: unknown };
  return typeof retryAfterSeconds === "number" ? retryAfterSeconds * 1_000 : 0;
}
