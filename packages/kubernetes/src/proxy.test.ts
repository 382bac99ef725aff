import { expect, test } from "vitest";
import { proxyFromEnvironment } from "./proxy.ts";

const HTTPS_PROXY = "http://proxy:3128";

test.each([
  ["https://api.example.org:6443", { HTTPS_PROXY }, "http://proxy:3128"],
  ["https://api.example.org", { https_proxy: "proxy:3128" }, "http://proxy:3128"],
  ["https://api.example.org", { HTTP_PROXY: "http://proxy:3128" }, undefined],
  ["http://api.example.org", { HTTP_PROXY: "http://proxy:3128" }, "http://proxy:3128"],
  ["https://localhost:6443", { HTTPS_PROXY }, undefined],
  ["https://127.3.2.1", { HTTPS_PROXY }, undefined],
  ["https://[::1]:6443", { HTTPS_PROXY }, undefined],
  ["https://[fd00::1]:6443", { HTTPS_PROXY }, "http://proxy:3128"],
])("%s with %o goes through %s", (server, environment, proxy) => {
  expect(proxyFromEnvironment(new URL(server), environment)).toBe(proxy);
});

test.each([
  ["https://10.96.0.1", "10.0.0.0/8", true],
  ["https://10.96.0.1", "192.168.0.0/16, 10.96.0.1", true],
  ["https://11.0.0.1", "10.0.0.0/8", false],
  ["https://[fd00::1]:6443", "fd00::/8", true],
  ["https://api.example.org", "example.org", true],
  ["https://example.org", "example.org", true],
  ["https://example.org", ".example.org", false],
  ["https://api.example.org", ".example.org", true],
  ["https://api.example.org", "*.example.org", true],
  ["https://badexample.org", "example.org", false],
  ["https://api.example.org:6443", "api.example.org:6443", true],
  ["https://api.example.org:6443", "api.example.org:443", false],
  ["https://api.example.org", "api.example.org:443", true],
  ["https://api.example.org", "*", true],
  ["https://api.example.org", ",, ", false],
  ["https://api.example.org", "10.0.0.0/99", false],
])("for %s NO_PROXY=%s is an exception: %s", (server, exceptions, direct) => {
  const proxy = proxyFromEnvironment(new URL(server), { HTTPS_PROXY, NO_PROXY: exceptions });
  expect(proxy === undefined).toBe(direct);
});
