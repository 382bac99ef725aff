import { ExporterError } from "@kube-state-mosaic/errors";
import { qualifiedName, type ApiResource } from "./resources.ts";

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field?: string;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** A v1 Status as it goes over the wire (key order included). */
export interface StatusBody {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: { readonly continue?: string };
  readonly status: "Failure" | "Success";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A request the API refuses: thrown in-process, answered as a Status over HTTP. */
export class ApiFailure extends ExporterError {
  readonly status: StatusBody;

  constructor(status: StatusBody) {
    super(
      `API_${(status.reason ?? "ERROR").replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()}`,
      status.message ?? "",
      { context: { status: status.code ?? 500 } },
    );
    this.name = "ApiFailure";
    this.status = status;
  }
}

interface Parts {
  readonly message: string;
  readonly details?: StatusDetails;
  readonly continue?: string;
}

/** A failure Status; an empty reason is left out. */
export function failure(code: number, reason: string, parts: Parts): StatusBody {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: parts.continue === undefined ? {} : { continue: parts.continue },
    status: "Failure",
    message: parts.message,
    ...(reason === "" ? {} : { reason }),
    ...(parts.details === undefined ? {} : { details: parts.details }),
    code,
  };
}

function detailsOf(resource: ApiResource, name: string): StatusDetails {
  return {
    name,
    ...(resource.group === "" ? {} : { group: resource.group }),
    kind: resource.name,
  };
}

export function notFound(resource: ApiResource, name: string): ApiFailure {
  return new ApiFailure(
    failure(404, "NotFound", {
      message: `${qualifiedName(resource)} "${name}" not found`,
      details: detailsOf(resource, name),
    }),
  );
}

export function alreadyExists(resource: ApiResource, name: string): ApiFailure {
  return new ApiFailure(
    failure(409, "AlreadyExists", {
      message: `${qualifiedName(resource)} "${name}" already exists`,
      details: detailsOf(resource, name),
    }),
  );
}

export function conflict(resource: ApiResource, name: string, why?: string): ApiFailure {
  return new ApiFailure(
    failure(409, "Conflict", {
      message: `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${
        why ??
        "the object has been modified; please apply your changes to the latest version and try again"
      }`,
      details: detailsOf(resource, name),
    }),
  );
}

/** 422 with one cause. */
export function invalid(resource: ApiResource, name: string, cause: StatusCause): ApiFailure {
  const field = cause.field ?? "";
  return new ApiFailure(
    failure(422, "Invalid", {
      message: `${resource.kind} "${name}" is invalid: ${field}: ${cause.message}`,
      details: {
        ...(name === "" ? {} : { name }),
        ...(resource.group === "" ? {} : { group: resource.group }),
        kind: resource.kind,
        causes: [cause],
      },
    }),
  );
}

/** 422 of the list options: a parameter that is forbidden in its place. */
export function forbiddenOption(field: string, message: string): ApiFailure {
  return new ApiFailure(
    failure(422, "Invalid", {
      message: `ListOptions.meta.k8s.io "" is invalid: ${field}: Forbidden: ${message}`,
      details: {
        group: "meta.k8s.io",
        kind: "ListOptions",
        causes: [{ reason: "FieldValueForbidden", message: `Forbidden: ${message}`, field }],
      },
    }),
  );
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(failure(400, "BadRequest", { message }));
}

export function unknownPath(): ApiFailure {
  return new ApiFailure(
    failure(404, "NotFound", {
      message: "the server could not find the requested resource",
      details: {},
    }),
  );
}

export function methodNotAllowed(): ApiFailure {
  return new ApiFailure(
    failure(405, "MethodNotAllowed", {
      message: "the server does not allow this method on the requested resource",
      details: {},
    }),
  );
}

/** 410; with a token when a page of a list expired. */
export function expired(message: string, token?: string): ApiFailure {
  return new ApiFailure(
    failure(410, "Expired", { message, ...(token === undefined ? {} : { continue: token }) }),
  );
}

/** 504 of a resourceVersion that the server has not reached. */
export function versionTooLarge(asked: number, current: number): ApiFailure {
  return new ApiFailure(
    failure(504, "Timeout", {
      message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
      details: {
        causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        retryAfterSeconds: 1,
      },
    }),
  );
}
