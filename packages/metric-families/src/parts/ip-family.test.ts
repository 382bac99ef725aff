import { expect, test } from "vitest";
import { ipFamily } from "./ip-family.ts";

test.each([
  ["10.0.0.1", "4"],
  ["255.255.255.255", "4"],
  ["fd00::1", "6"],
  ["2001:DB8::0001", "6"],
  ["::", "6"],
  ["::1.2.3.4", "6"],
  ["::ffff:1.2.3.4", "4"],
  ["::FFFF:102:304", "4"],
  ["0:0:0:0:0:ffff:1.2.3.4", "4"],
  ["ffff::1", "6"],
  ["fe80::1%eth0", "6"],
  ["fe80::1%ens_1", "6"],
])("%s is an address of family %s", (ip, family) => {
  expect(ipFamily(ip)).toBe(family);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.01",
  "10.0.0.256",
  "1::2::3",
  "fe80::1%",
  "[::1]",
  "host",
  "1.2.3.4/8",
])("%j is no address", (ip) => {
  expect(ipFamily(ip)).toBeUndefined();
});
