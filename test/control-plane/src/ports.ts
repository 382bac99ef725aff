import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Distinct TCP ports that nothing on the loopback address listened on at the moment of the call; somebody else may take one before it is used. */
export async function freePorts(count: number): Promise<readonly number[]> {
  // All are held open at once, otherwise the kernel may hand out the same one twice.
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
