import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { X509Certificate } from "node:crypto";
import { createSecureContext, type TlsOptions } from "node:tls";
import type { Material, TlsSettings } from "./tls-settings.ts";

interface Source {
  /** The web configuration, for messages. */
  readonly file: string;
  /** Reads a file; `what` is for messages. */
  readonly read: (path: string, what: string) => Promise<Buffer>;
}

/** What Node's TLS server needs, read and tried. Throws `WEB_CONFIG_INVALID` when certificate, key or CA cannot be used. */
export async function tlsOptions(tls: TlsSettings, { file, read }: Source): Promise<TlsOptions> {
  const text = async (material: Material, what: string): Promise<string> =>
    "text" in material ? material.text : (await read(material.file, what)).toString("utf8");
  const cert = await text(tls.cert, "cert_file");
  const key = await text(tls.key, "key_file");
  const ca = tls.clientCa && (await text(tls.clientCa, "client_ca_file"));
  const options: TlsOptions = {
    cert,
    key,
    ...(ca !== undefined && { ca }),
    ciphers: tls.ciphers,
    ...(tls.curves !== undefined && { ecdhCurve: tls.curves }),
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    requestCert: tls.clientAuth !== "NoClientCert",
    // The others are checked when the handshake is through: `rejectUnauthorized` refuses the absent and the unknown alike.
    rejectUnauthorized: tls.clientAuth === "RequireAndVerifyClientCert",
    ALPNProtocols: ["http/1.1"],
  };
  const attempt = (what: string, run: () => void): void => {
    try {
      run();
    } catch (cause) {
      const message = `the web configuration ${file} cannot be used: tls_server_config.${what}: ${messageOf(cause)}`;
      throw new ExporterError("WEB_CONFIG_INVALID", message, { cause, context: { file } });
    }
  };
  attempt(name("cert", tls.cert), () => void new X509Certificate(cert));
  if (ca !== undefined && tls.clientCa !== undefined)
    attempt(name("client_ca", tls.clientCa), () => void new X509Certificate(ca));
  attempt(name("key", tls.key), () => void createSecureContext(options));
  return options;
}

function name(key: string, material: Material): string {
  return "file" in material ? `${key}_file (${material.file})` : key;
}
