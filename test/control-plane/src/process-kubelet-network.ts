import { fileURLToPath } from "node:url";
import { Daemon } from "./daemon.ts";
import { run } from "./run.ts";

/** Of the bridge that pods are connected to; their default route. */
export const nodeAddress = "10.244.0.1";
/** Of the Service `kubernetes`: the first of the control plane's range, for which the API server's certificate is good. */
export const serviceAddress = "10.0.0.1";
const bridge = "pods0";
const proxyProgram = fileURLToPath(new URL("process-kubelet-proxy.ts", import.meta.url));

/**
 * Makes the present network namespace that of a node: a bridge for pods, which is its way to everywhere, and the address of the
 * Service `kubernetes`. To be called once, before the control plane starts, as root in a namespace of its own (`unshare --net --mount`).
 */
export async function makeNodeNetwork(): Promise<void> {
  await ip(`link set lo up`);
  await ip(`address add ${serviceAddress}/32 dev lo`);
  // Given by hand: otherwise it changes when pods come and go, and the others send to the old one for a while.
  await ip(`link add ${bridge} address 02:00:0a:f4:00:01 type bridge`);
  await ip(`address add ${nodeAddress}/16 dev ${bridge}`);
  await ip(`link set ${bridge} up`);
  // The API server advertises the address that the default route leaves from.
  await ip(`route add default dev ${bridge}`);
}

/** Serves the API server at the address and port of its Service. */
export async function startServiceProxy(apiserverUrl: string): Promise<Daemon> {
  const { hostname, port } = new URL(apiserverUrl);
  const args = [proxyProgram, serviceAddress, "443", hostname, port];
  const proxy = await Daemon.start({ name: "service proxy", command: process.execPath, args });
  await proxy.line(/listening/);
  return proxy;
}

/** Connects the network namespace of a process to the bridge, under an address of 10.244.0.0/16. */
export async function connectPod(pid: number, address: string): Promise<void> {
  const [, , third, fourth] = address.split(".");
  const outside = `pod-${third}-${fourth}`;
  await ip(`link add ${outside} type veth peer name eth0 netns ${pid}`);
  await ip(`link set ${outside} master ${bridge} up`);
  const inside = (command: string): Promise<string> =>
    run("nsenter", ["--target", String(pid), "--net", "ip", ...command.split(" ")]);
  await inside("link set lo up");
  await inside(`address add ${address}/16 dev eth0`);
  await inside("link set eth0 up");
  await inside(`route add default via ${nodeAddress}`);
}

function ip(command: string): Promise<string> {
  return run("ip", command.split(" "));
}
