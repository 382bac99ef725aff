import { ExporterError } from "@kube-state-mosaic/errors";
import { isIPv6 } from "node:net";

/** The flags that choose an address. */
export interface AddressFlags {
  readonly hostFlag?: string;
  readonly portFlag?: string;
}

/** Whether listening on `::` failed because the host has no IPv6. */
export function lacksIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL";
}

/** One clear error for an address that cannot be listened on: the address, the reason, and the flag that changes it. */
export function listenError(
  cause: unknown,
  host: string,
  { port, hostFlag = "--host", portFlag = "--port" }: AddressFlags & { port: number },
): ExporterError {
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const [name, reason] = outcomeOf(code, { hostFlag, portFlag }) ?? [
    "ADDRESS_UNAVAILABLE",
    `${message}; choose another address with ${hostFlag} or ${portFlag}`,
  ];
  return new ExporterError(name, `cannot listen on ${address}: ${reason}`, {
    cause,
    context: { host, port },
  });
}

function outcomeOf(
  code: string,
  { hostFlag, portFlag }: Required<AddressFlags>,
): [code: string, reason: string] | undefined {
  switch (code) {
    case "EADDRINUSE":
      return [
        "PORT_IN_USE",
        `another process uses this port; stop it, or choose another port with ${portFlag}`,
      ];
    case "EACCES":
      return [
        "PORT_FORBIDDEN",
        `this user may not use this port; choose a port above 1023 with ${portFlag}`,
      ];
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return [
        "ADDRESS_UNAVAILABLE",
        `this host has no such address; choose another one with ${hostFlag}`,
      ];
    default:
      return undefined;
  }
}
