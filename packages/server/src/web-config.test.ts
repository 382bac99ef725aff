import { expect, test } from "vitest";
import { alternativeNames } from "./client-certificate.ts";
import { parseWebConfig } from "./web-config.ts";

const hash = "$2y$10$ZhaNLBFL35jCk7PJSAX9GOKi9IwSkbFq7p0uERlFNN.R4yeWMfRCm";

function parse(text: string) {
  return parseWebConfig(text, "/etc/mosaic/web.yaml");
}

test("an empty file asks for nothing", () => {
  for (const text of ["", "tls_server_config: {}\nhttp_server_config:\nbasic_auth_users:\n"])
    expect(parse(text)).toEqual({
      tls: undefined,
      headers: new Map(),
      users: new Map(),
      rateLimit: undefined,
    });
});

test("every key is read, and files are relative to the web configuration", () => {
  const config = parse(`
tls_server_config:
  cert_file: tls/server.crt
  cert: not used
  key: inline
  client_ca_file: /pki/ca.crt
  client_auth_type: RequireClientCert
  client_allowed_sans: [scraper.example, 10.0.0.1]
  min_version: TLS11
  max_version: TLS12
  cipher_suites:
    - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    - TLS_AES_128_GCM_SHA256
  prefer_server_cipher_suites: false
  curve_preferences: [X25519, CurveP384]
http_server_config:
  http2: no
  headers:
    Strict-Transport-Security: max-age=63072000
    X-Frame-Options: deny
basic_auth_users:
  alice: ${hash}
  0x10: ${hash}
rate_limit:
  interval: 1m0.5s
  burst: 20
`);
  expect(config).toEqual({
    tls: {
      cert: { file: "/etc/mosaic/tls/server.crt" },
      key: { text: "inline" },
      clientCa: { file: "/pki/ca.crt" },
      clientAuth: "RequireAnyClientCert",
      allowedSans: ["scraper.example", "10.0.0.1"],
      minVersion: "TLSv1.1",
      maxVersion: "TLSv1.2",
      ciphers:
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-RSA-CHACHA20-POLY1305:@SECLEVEL=0",
      curves: "X25519:secp384r1",
    },
    headers: new Map([
      ["Strict-Transport-Security", "max-age=63072000"],
      ["X-Frame-Options", "deny"],
    ]),
    users: new Map([
      ["alice", hash],
      ["0x10", hash],
    ]),
    rateLimit: { interval: 60_500, burst: 20 },
  });
});

test("a rate limit without an interval is off, and a bare number is nanoseconds", () => {
  expect(parse("rate_limit: {interval: 0, burst: 5}").rateLimit).toBeUndefined();
  expect(parse("rate_limit: {interval: 2000000}").rateLimit).toEqual({ interval: 2, burst: 0 });
});

test.each([
  ["unknown: 1", "1:1 unknown: unknown key; known are tls_server_config"],
  ["tls_server_config:\n  certfile: x", "2:3 tls_server_config.certfile: unknown key"],
  ["tls_server_config: {cert_file: a}", "1:20 tls_server_config: key or key_file is missing"],
  ["tls_server_config: {key_file: a}", "tls_server_config: cert or cert_file is missing"],
  ["tls_server_config: {client_auth_type: NoClientCert}", "cert or cert_file is missing"],
  [
    "tls_server_config: {cert: a, key: b, client_ca: c}",
    "tls_server_config: a client CA without client_auth_type would verify nobody",
  ],
  [
    "tls_server_config:\n  client_auth_type: Always",
    '2:21 tls_server_config.client_auth_type: "Always" is none of NoClientCert, RequestClientCert',
  ],
  ["tls_server_config: {min_version: TLS9}", '.min_version: "TLS9" is none of TLS10, TLS11'],
  [
    "tls_server_config: {cert: a, key: b, min_version: TLS13, max_version: TLS12}",
    "tls_server_config: max_version is below min_version",
  ],
  [
    "tls_server_config: {cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}",
    '.cipher_suites[0]: "TLS_RSA_WITH_RC4_128_SHA" is none of',
  ],
  ["tls_server_config: {curve_preferences: [P256]}", '.curve_preferences[0]: "P256" is none of'],
  ["tls_server_config: {cipher_suites: X}", "tls_server_config.cipher_suites: is not a list"],
  ["tls_server_config: [a]", "tls_server_config: is not a mapping"],
  ["tls_server_config: {cert: [a]}", "tls_server_config.cert: is not a text"],
  ["http_server_config: {http2: maybe}", "http_server_config.http2: is neither true nor false"],
  [
    "http_server_config: {headers: {Server: x}}",
    "http_server_config.headers.Server: this header cannot be set",
  ],
  [
    "http_server_config: {headers: {X-Frame-Options: allow}}",
    'headers.X-Frame-Options: "allow" is not deny or sameorigin',
  ],
  [
    'http_server_config: {headers: {Content-Security-Policy: "a\\r\\nSet-Cookie: b"}}',
    "headers.Content-Security-Policy: has characters that cannot stand in a header",
  ],
  ["basic_auth_users:\n  alice: secret", "2:10 basic_auth_users.alice: is not a bcrypt hash"],
  [
    `basic_auth_users: {alice: ${hash.replace("$10$", "$03$")}}`,
    "basic_auth_users.alice: has a bcrypt cost outside 4 to 31",
  ],
  ["rate_limit: {interval: soon}", 'rate_limit.interval: "soon" is not a duration'],
  ["rate_limit: {burst: -1}", "rate_limit.burst: is not a whole number from 0 up"],
  ["a: [", "1:5 "],
  ["basic_auth_users: {a: b, a: c}", "Map keys must be unique"],
])("%j is refused with its place, key and reason", (text, message) => {
  expect(() => parse(text)).toThrow(message);
  expect(() => parse(text)).toThrow("the web configuration /etc/mosaic/web.yaml cannot be used: ");
});

test("all problems are told at once, and a wrong hash is not repeated", () => {
  const text = "x: 1\nbasic_auth_users: {alice: secret}\nrate_limit: {burst: many}\n";
  expect(() => parse(text)).toThrow(
    / 1:1 x: .*; 2:27 basic_auth_users\.alice: .*; 3:21 rate_limit/,
  );
  expect(() => parse(text)).not.toThrow("secret");
});

test("names of a certificate are told apart where they hold separators, and addresses are short", () => {
  const text = 'DNS:a.example, IP Address:FD00:0:0:0:0:0:0:1, URI:"x\\u002c DNS:b", email:c@d';
  expect(alternativeNames(text)).toEqual(["a.example", "fd00::1", "x, DNS:b", "c@d"]);
  expect(alternativeNames(undefined)).toEqual([]);
});
