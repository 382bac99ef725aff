import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { PassThrough } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { createApp } from "./app.ts";
import { listenError, lacksIpv6 } from "./listen-error.ts";
import { listen, type Listener, type ListenOptions } from "./listen.ts";
import { metricsRoute } from "./metrics-route.ts";

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close(0);
});

async function start(options: Partial<ListenOptions> = {}) {
  const app = options.app ?? createApp().all("/", (context) => context.text("hello"));
  const listener = await listen({ host: "127.0.0.1", port: 0, ...options, app });
  listeners.push(listener);
  return listener;
}

/** A server whose scrapes stay open until the test ends their body. */
async function startWithOpenBody() {
  const body = new PassThrough();
  const app = createApp();
  const source = () => ({
    status: 200,
    headers: {},
    body: { identity: () => body, gzip: () => body },
  });
  app.all("/metrics", metricsRoute({ source, gzip: false }));
  return { body, listener: await start({ app }) };
}

test("the URL of a listener reaches it", async () => {
  const { url, port } = await start();
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(await (await fetch(url)).text()).toBe("hello");
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === "::1"),
);

test("the host :: takes IPv4", async () => {
  const { url, port } = await start({ host: "::" });
  expect(url).toBe(`http://localhost:${port}`);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("hello");
});

test.runIf(hasIpv6)("the host :: takes IPv6 where there is some", async () => {
  const { port } = await start({ host: "::" });
  expect(await (await fetch(`http://[::1]:${port}`)).text()).toBe("hello");
});

test.each(["EAFNOSUPPORT", "EADDRNOTAVAIL"])("%s on :: says that the host has no IPv6", (code) => {
  expect(lacksIpv6(Object.assign(new Error("listen"), { code }))).toBe(true);
  expect(lacksIpv6(Object.assign(new Error("listen"), { code: "EADDRINUSE" }))).toBe(false);
});

test("a port in use is one clear line with the address and the flag", async () => {
  const { port } = await start();
  const flags = { portFlag: "--telemetry-port" };
  await expect(start({ port, flags })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `cannot listen on 127.0.0.1:${port}: another process uses this port; stop it, or choose another port with --telemetry-port`,
  });
});

test("an address of another host is refused with the flag that changes it", async () => {
  await expect(start({ host: "192.0.2.1" })).rejects.toMatchObject({
    code: "ADDRESS_UNAVAILABLE",
    message:
      "cannot listen on 192.0.2.1:0: this host has no such address; choose another one with --host",
  });
});

test.each([
  ["EACCES", "PORT_FORBIDDEN", "--port"],
  ["ENOTFOUND", "ADDRESS_UNAVAILABLE", "--host"],
  ["EOTHER", "ADDRESS_UNAVAILABLE", "--host or --port"],
])("%s is reported as %s and points at %s", (code, name, flag) => {
  const error = listenError(Object.assign(new Error("listen"), { code }), "::1", { port: 80 });
  expect(error).toMatchObject({ code: name, context: { host: "::1", port: 80 } });
  expect(error.message).toMatch(new RegExp(`^cannot listen on \\[::1\\]:80: .* with ${flag}$`));
});

test("closing waits for an open answer and refuses new connections meanwhile", async () => {
  const { body, listener } = await startWithOpenBody();
  body.write("m 1\n");
  const response = await fetch(`${listener.url}/metrics`);
  const closed = listener.close(60_000);
  await expect(fetch(listener.url)).rejects.toThrow("fetch failed");
  body.end("n 2\n");
  expect(await response.text()).toBe("m 1\nn 2\n");
  expect(await closed).toBe(0);
});

test("closing cuts what is still open when the grace is over, and counts it", async () => {
  const { body, listener } = await startWithOpenBody();
  body.write("m 1\n");
  const response = await fetch(`${listener.url}/metrics`);
  expect(await listener.close(20)).toBe(1);
  await expect(response.text()).rejects.toThrow("terminated");
  await expect.poll(() => body.destroyed).toBe(true);
});

test("closing does not wait for connections without an open answer", async () => {
  const { listener } = await startWithOpenBody();
  const silent = connect(listener.port, "127.0.0.1");
  await once(silent, "connect");
  // The connection of this request is kept by the client.
  await (await fetch(listener.url)).text();
  const gone = once(silent, "close");
  expect(await listener.close(60_000)).toBe(0);
  await gone;
});

test("headers that do not arrive in time end the connection", async () => {
  const { port } = await start({ timeouts: { readHeader: 50 } });
  const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nHost:"));
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
});

test("a request without a usable host gets 400 and harms nobody", async () => {
  const { url, port } = await start();
  const socket = connect(port, "127.0.0.1", () =>
    socket.write("GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"),
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 /);
  expect(await (await fetch(url)).text()).toBe("hello");
});
