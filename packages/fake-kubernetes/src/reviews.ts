import { at } from "./kubernetes-object.ts";

export interface User {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** Who bears a token, and what they may do. */
export interface Access {
  /** Undefined for a token nobody bears. */
  readonly authenticate: (token: string) => User | undefined;
  /** `spec` is that of a SubjectAccessReview. */
  readonly authorize: (spec: unknown) => boolean;
}

/** The answer to a review that is POSTed to `resource`; undefined when there is no such review. */
export function review(resource: string, body: unknown, access: Access): unknown {
  const spec = at(body, "spec") ?? {};
  switch (resource) {
    case "authentication.k8s.io/v1/tokenreviews": {
      const token = at(spec, "token");
      const user = access.authenticate(typeof token === "string" ? token : "");
      return {
        kind: "TokenReview",
        apiVersion: "authentication.k8s.io/v1",
        metadata: {},
        spec,
        status:
          user === undefined
            ? { user: {}, error: "invalid bearer token" }
            : { authenticated: true, user, audiences: ["https://kubernetes.default.svc"] },
      };
    }
    case "authorization.k8s.io/v1/subjectaccessreviews":
      return accessReview("SubjectAccessReview", spec, access);
    case "authorization.k8s.io/v1/selfsubjectaccessreviews":
      return accessReview("SelfSubjectAccessReview", spec, access);
    default:
      return undefined;
  }
}

function accessReview(kind: string, spec: unknown, access: Access): unknown {
  return {
    kind,
    apiVersion: "authorization.k8s.io/v1",
    metadata: {},
    spec,
    status: { allowed: access.authorize(spec) },
  };
}
