import { ExporterError, messageOf } from "@kube-state-mosaic/errors";
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { Clock } from "./clock.ts";
import type { Material } from "./kubeconfig.ts";
import { ReloadedFile } from "./reloaded-file.ts";
import type { TlsSettings } from "./transport.ts";

export interface TlsSources {
  readonly ca?: Material | undefined;
  readonly cert?: Material | undefined;
  readonly key?: Material | undefined;
  readonly servername?: string | undefined;
  readonly insecure?: boolean;
}

// client-go's interval for client certificates, and since 1.36 for the CA.
const RELOAD_MS = 5 * 60_000;

/** TLS settings whose files are read again every 5 minutes; what cannot be used keeps the old settings in force. */
export class TlsMaterial {
  readonly #fixed: TlsSettings;
  readonly #texts: Readonly<Record<"ca" | "cert" | "key", () => Promise<string | undefined>>>;
  #current: TlsSettings | undefined;

  constructor(sources: TlsSources, clock: Clock) {
    this.#texts = {
      ca: reader(sources.ca, clock),
      cert: reader(sources.cert, clock),
      key: reader(sources.key, clock),
    };
    this.#fixed = {
      ...(sources.servername !== undefined && { servername: sources.servername }),
      ...(sources.insecure === true && { rejectUnauthorized: false }),
    };
  }

  /** The same object as long as nothing changed. Throws CREDENTIALS_UNREADABLE or CREDENTIALS_INVALID when there never were usable settings. */
  async settings(client?: { cert: string; key: string }): Promise<TlsSettings> {
    const { ca, cert, key } = await this.#read(client);
    const current = this.#current;
    if (current?.ca === ca && current?.cert === cert && current?.key === key && current)
      return current;
    const next: TlsSettings = {
      ...this.#fixed,
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    };
    try {
      // A secure context takes any text as CA, but finds a certificate whose new key has not been written yet.
      if (ca !== undefined) void new X509Certificate(ca);
      createSecureContext(next);
      this.#current = next;
    } catch (cause) {
      this.#current ??= fail(cause);
    }
    return this.#current;
  }

  async #read(
    client: { cert: string; key: string } | undefined,
  ): Promise<{ ca?: string | undefined; cert?: string | undefined; key?: string | undefined }> {
    const { ca, cert, key } = this.#texts;
    if (client !== undefined) return { ca: await ca(), ...client };
    return { ca: await ca(), cert: await cert(), key: await key() };
  }
}

function reader(source: Material | undefined, clock: Clock): () => Promise<string | undefined> {
  if (source === undefined) return () => Promise.resolve(undefined);
  if ("text" in source) return () => Promise.resolve(source.text);
  const file = new ReloadedFile(source.file, { clock, maxAgeMs: RELOAD_MS });
  return () => file.text();
}

function fail(cause: unknown): never {
  throw new ExporterError(
    "CREDENTIALS_INVALID",
    `the CA or client certificate cannot be used: ${messageOf(cause)}`,
    { cause },
  );
}
