import { readFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ApiClient } from "../src/api-client.ts";
import type { TlsSettings } from "../src/transport.ts";
import { clusterAt } from "./play.ts";
import { ScriptedServer } from "./scripted-server.ts";
import { until } from "./until.ts";

const pem = (name: string): string =>
  readFileSync(new URL(`../testdata/tls/${name}`, import.meta.url), "utf8");

const serverOne = { cert: pem("server-one.crt"), key: pem("server-one.key") };

/** A client whose TLS settings a test changes. */
function clientOf(
  server: ScriptedServer,
  tls: TlsSettings,
): { client: ApiClient; use: (tls: TlsSettings) => void } {
  let current = tls;
  const cluster = {
    ...clusterAt(server.url),
    authenticate: () => Promise.resolve({ headers: {}, tls: current }),
  };
  return {
    client: new ApiClient({ cluster }),
    use: (next) => {
      current = next;
    },
  };
}

async function answered(server: ScriptedServer, client: ApiClient): Promise<unknown> {
  const answer = client.getJson("/version");
  const settled = answer.then(
    () => true,
    () => true,
  );
  let done = false;
  void settled.then(() => (done = true));
  const before = server.seen.length;
  await until(() => done || server.seen.length > before, "a request or a failure");
  if (!done) (await server.next()).json({ ok: 1 });
  return answer;
}

describe("TLS", () => {
  test("a server is believed by the given CA only", async () => {
    await using server = await ScriptedServer.start(serverOne);
    const right = clientOf(server, { ca: pem("ca-one.crt") });
    expect(await answered(server, right.client)).toEqual({ ok: 1 });
    const wrong = clientOf(server, { ca: pem("ca-two.crt") });
    await expect(answered(server, wrong.client)).rejects.toMatchObject({ code: "API_UNREACHABLE" });
    const none = clientOf(server, {});
    await expect(answered(server, none.client)).rejects.toMatchObject({ code: "API_UNREACHABLE" });
    const any = clientOf(server, { rejectUnauthorized: false });
    expect(await answered(server, any.client)).toEqual({ ok: 1 });
    await Promise.all([right, wrong, none, any].map(({ client }) => client.close()));
  });

  test("a server name is checked instead of the URL's address", async () => {
    await using server = await ScriptedServer.start(serverOne);
    const ca = pem("ca-one.crt");
    const named = clientOf(server, { ca, servername: "kubernetes.default.svc" });
    expect(await answered(server, named.client)).toEqual({ ok: 1 });
    const other = clientOf(server, { ca, servername: "elsewhere" });
    await expect(answered(server, other.client)).rejects.toMatchObject({
      context: { errorCode: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
    await Promise.all([named, other].map(({ client }) => client.close()));
  });

  test("new requests use a changed CA while an old watch runs to its end", async () => {
    await using server = await ScriptedServer.start(serverOne);
    const { client, use } = clientOf(server, { ca: pem("ca-one.crt") });
    const opening = client.stream({ path: "/w", accept: "application/json", verb: "watch" });
    const watch = await server.next();
    watch.open("application/json");
    const { body } = await opening;
    use({ ca: pem("ca-two.crt") });
    await expect(answered(server, client)).rejects.toMatchObject({ code: "API_UNREACHABLE" });
    use({ ca: `${pem("ca-two.crt")}${pem("ca-one.crt")}` });
    expect(await answered(server, client)).toEqual({ ok: 1 });
    watch.write("still there");
    watch.end();
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("still there");
    await client.close();
  });

  test("a changed client certificate cuts the streams of the old one", async () => {
    const ca = pem("ca-one.crt");
    await using server = await ScriptedServer.start({ ...serverOne, ca, requestCert: true });
    const certificate = (name: string): TlsSettings => ({
      ca,
      cert: pem(`client-${name}.crt`),
      key: pem(`client-${name}.key`),
    });
    const { client, use } = clientOf(server, certificate("a"));
    const opening = client.stream({ path: "/w", accept: "application/json", verb: "watch" });
    const watch = await server.next();
    expect(watch.clientName).toBe("client-a");
    watch.open("application/json");
    const { body } = await opening;
    const reading = (async () => {
      for await (const chunk of body) expect(chunk).toBeUndefined();
    })();
    reading.catch(() => undefined);
    use(certificate("b"));
    const answer = client.getJson("/version");
    const request = await server.next();
    expect(request.clientName).toBe("client-b");
    request.json({});
    await answer;
    await expect(reading).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
    await client.close();
  });

  test("a proxy is asked for a tunnel", async () => {
    await using server = await ScriptedServer.start(serverOne);
    const tunnels: string[] = [];
    const sockets: Socket[] = [];
    const proxy = createServer((socket) => {
      sockets.push(socket);
      socket.once("data", (head) => {
        tunnels.push(head.toString().split("\r\n")[0] ?? "");
        const through = connect(Number(server.url.port), "127.0.0.1");
        sockets.push(through);
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(through).pipe(socket);
      });
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", () => resolve()));
    const { port } = proxy.address() as AddressInfo;
    const authentication = { headers: {}, tls: { ca: pem("ca-one.crt") } };
    const cluster = {
      ...clusterAt(server.url),
      proxy: `http://127.0.0.1:${port}`,
      authenticate: () => Promise.resolve(authentication),
    };
    const client = new ApiClient({ cluster });
    const answer = client.getJson("/version");
    (await server.next()).json({ ok: 1 });
    expect(await answer).toEqual({ ok: 1 });
    expect(tunnels).toEqual([`CONNECT ${server.url.host} HTTP/1.1`]);
    await client.close();
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
});
