import { SocketAddress, isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import type { TlsSettings } from "./tls-settings.ts";

/** Why a client may not go on after its handshake, by the certificate it gave or did not give; undefined: it may. */
export function clientProblem(
  socket: TLSSocket,
  { clientAuth, allowedSans }: TlsSettings,
): string | undefined {
  if (clientAuth === "NoClientCert") return undefined;
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    return clientAuth.startsWith("Require") ? "no client certificate" : undefined;
  if (clientAuth.includes("Verify") && !socket.authorized)
    return `the client certificate is not valid: ${String(socket.authorizationError)}`;
  if (allowedSans.length === 0) return undefined;
  const names = alternativeNames(certificate.subjectAltName);
  if (allowedSans.some((allowed) => names.includes(allowed))) return undefined;
  return "the client certificate has none of the allowed names";
}

/** The values of `DNS:a, IP Address:0:0:0:0:0:0:0:1, URI:"x\u002cy"`: those with special characters are quoted as JSON. */
export function alternativeNames(text = ""): string[] {
  const entry = /(DNS|IP Address|URI|email):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g;
  return [...text.matchAll(entry)].map(([, kind, value = ""]) => {
    const plain = value.startsWith('"') ? String(JSON.parse(value)) : value;
    // Addresses of version 6 are spelled out; people write `::1`.
    return kind === "IP Address" && isIPv6(plain)
      ? new SocketAddress({ address: plain, family: "ipv6" }).address
      : plain;
  });
}
