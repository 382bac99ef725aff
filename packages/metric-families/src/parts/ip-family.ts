import { isIPv4, isIPv6 } from "node:net";

/** `4` or `6` as Go's `netip.ParseAddr` sees it: an IPv4-mapped IPv6 address is family 4; `undefined` for a text that is no address. */
export function ipFamily(ip: string): "4" | "6" | undefined {
  if (isIPv4(ip)) return "4";
  const [address = "", zone] = ip.split("%", 2);
  if (zone === "" || !isIPv6(address)) return undefined;
  return isMapped(address) ? "4" : "6";
}

function isMapped(address: string): boolean {
  // The URL parser writes an address in its canonical form, whatever form it came in.
  return /ffff/i.test(address) && new URL(`http://[${address}]`).hostname.startsWith("[::ffff:");
}
