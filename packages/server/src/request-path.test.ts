import fc from "fast-check";
import { expect, test } from "vitest";
import { settlePath } from "./request-path.ts";

test.each([
  ["/metrics", "/metrics", "/metrics"],
  ["/%6detrics", "/metrics", "/metrics"],
  ["/metrics?resources=pods&a=//b/..", "/metrics", "/metrics?resources=pods&a=//b/.."],
  ["/metrics?", "/metrics", "/metrics?"],
  ["/metrics/", "/metrics/", "/metrics/"],
  ["/", "/", "/"],
  ["http://example:8080/metrics?a", "/metrics", "/metrics?a"],
  ["http://example", "/", "/"],
  ["HTTPS://example?a=/b", "/", "/?a=/b"],
  ["/metrics%3fa=b", "/metrics?a=b", "/metrics%3Fa%3Db"],
  ["/metrics%23", "/metrics#", "/metrics%23"],
  ["/metrics#", "/metrics#", "/metrics%23"],
  ["/a\\b", "/a\\b", "/a%5Cb"],
  ["/%256detrics", "/%6detrics", "/%256detrics"],
  ["/a...b/..c", "/a...b/..c", "/a...b/..c"],
])("%s is the path %s", (target, path, url) => {
  expect(settlePath(target)).toEqual({ kind: "path", path, url });
});

test.each([
  ["//metrics", "/metrics"],
  ["/metrics//", "/metrics/"],
  ["/./metrics?a=b", "/metrics?a=b"],
  ["/healthz/../metrics", "/metrics"],
  ["/../../metrics", "/metrics"],
  ["/metrics/.", "/metrics"],
  ["http://example//metrics", "/metrics"],
  ["//evil.example/%2e%2e", "/evil.example/%2e%2e"],
])("%s is redirected to %s", (target, location) => {
  expect(settlePath(target)).toEqual({ kind: "redirect", location });
});

test.each(["/%2e%2e/metrics", "/healthz%2f..%2fmetrics", "/.%2E/metrics", "/%2e", "/%ff"])(
  "%s is in no route",
  (target) => {
    expect(settlePath(target)).toEqual({ kind: "unroutable" });
  },
);

test.each(["", "*", "metrics", "/%", "/%6", "/%zz", "ftp://example/metrics", "?/metrics"])(
  "%j cannot be read",
  (target) => {
    expect(settlePath(target)).toEqual({ kind: "unreadable" });
  },
);

const targets = fc
  .array(fc.constantFrom("/", ".", "..", "%2e", "%2F", "m", "%6d", "?", "#", "\\", "%25", ":"))
  .map((pieces) => `/${pieces.join("")}`);

test("a settled target settles to itself", () => {
  fc.assert(
    fc.property(targets, (target) => {
      const settled = settlePath(target);
      fc.pre(settled.kind === "path");
      expect(settlePath(settled.url)).toEqual(settled);
    }),
  );
});

test("a redirect leads to this server, and not to another redirect", () => {
  fc.assert(
    fc.property(targets, (target) => {
      const settled = settlePath(target);
      fc.pre(settled.kind === "redirect");
      expect(settled.location).toMatch(/^\/(?!\/)/);
      expect(settlePath(settled.location).kind).not.toBe("redirect");
    }),
  );
});
