import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { Transport } from "../src/transport.ts";
import type { TransportRequest } from "../src/transport-request.ts";
import { until } from "./until.ts";

const watch: TransportRequest = {
  method: "GET",
  path: "/api/v1/pods?watch=true",
  headers: { accept: "application/json", "x-two": ["a", "b"] },
  tls: {},
  headersTimeoutMs: 0,
  bodyTimeoutMs: 0,
  alone: true,
};

/** A loopback server of which a test has the bare sockets. */
async function bare(): Promise<
  { transport: Transport; host: string; next: () => Promise<Peer> } & AsyncDisposable
> {
  const peers: Peer[] = [];
  const server = createServer((socket) => {
    const peer: Peer = { socket, received: "" };
    socket.on("data", (chunk) => (peer.received += chunk.toString()));
    socket.on("error", () => undefined);
    peers.push(peer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = new Transport(new URL(`http://${host}`));
  let taken = 0;
  return {
    transport,
    host,
    next: async () => {
      const index = taken++;
      await until(() => peers[index]?.received.endsWith("\r\n\r\n") === true, "a request");
      return peers[index] as Peer;
    },
    [Symbol.asyncDispose]: async () => {
      await transport.close();
      for (const { socket } of peers) socket.destroy();
      server.close();
    },
  };
}

interface Peer {
  readonly socket: Socket;
  received: string;
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of body) text += chunk.toString();
  return text;
}

describe("a request on a connection of its own", () => {
  test("is written with its host, its headers and the wish to close", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket, received } = await it.next();
    expect(received.split("\r\n")).toEqual([
      "GET /api/v1/pods?watch=true HTTP/1.1",
      `host: ${it.host}`,
      "connection: close",
      "accept: application/json",
      "x-two: a",
      "x-two: b",
      "",
      "",
    ]);
    socket.end("HTTP/1.1 200 OK\r\n\r\nx");
    expect(await textOf((await opening).body)).toBe("x");
  });

  test("is not written with a line break in a header", async () => {
    await using it = await bare();
    const headers = { authorization: "Bearer a\r\nx: y" };
    await expect(it.transport.request({ ...watch, headers })).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      message: expect.stringContaining("holds a line break"),
    });
  });

  test("fails when its certificate cannot be read", async () => {
    await using transport = new Transport(new URL("https://127.0.0.1:1"));
    await expect(transport.request({ ...watch, tls: { cert: "none" } })).rejects.toMatchObject({
      code: "API_UNREACHABLE",
    });
  });

  test("fails when the server closes before it has answered", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    (await it.next()).socket.end();
    await expect(opening).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      context: { errorCode: "ECONNRESET" },
      message: expect.stringMatching(/^GET \/api\/v1\/pods got no answer: /),
    });
  });

  test("fails when the head does not come in time", async () => {
    await using it = await bare();
    const opening = it.transport.request({ ...watch, headersTimeoutMs: 20 });
    await expect(opening).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      context: { errorCode: "ETIMEDOUT" },
    });
  });

  test("fails on an answer that is not HTTP", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket } = await it.next();
    socket.write("SSH-2.0-x\r\n\r\n");
    await expect(opening).rejects.toMatchObject({ code: "API_UNREACHABLE" });
    await until(() => socket.destroyed || socket.readableEnded, "the connection to be closed");
  });

  test("fails inside its body where chunks cannot be read, after what came before", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket } = await it.next();
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n");
    const { body } = await opening;
    const reader = body[Symbol.asyncIterator]();
    expect((await reader.next()).value?.toString()).toBe("abc");
    await expect(reader.next()).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
  });

  test("fails when the connection ends inside a chunk", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket } = await it.next();
    socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc");
    await expect(textOf((await opening).body)).rejects.toMatchObject({
      code: "API_CONNECTION_LOST",
    });
  });

  test("is cut when the client is closed", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket } = await it.next();
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const reading = textOf((await opening).body);
    reading.catch(() => undefined);
    await it.transport.close();
    await expect(reading).rejects.toMatchObject({ code: "API_CONNECTION_LOST" });
    await until(() => socket.destroyed || socket.readableEnded, "the connection to be closed");
  });

  test("brings every byte, in order, while it rests in between", async () => {
    await using it = await bare();
    const opening = it.transport.request(watch);
    const { socket } = await it.next();
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
    const { body } = await opening;
    body.gather?.(2);
    let received = "";
    const reading = (async () => {
      for await (const chunk of body) received += chunk.toString();
    })();
    let sent = "";
    for (let round = 0; round < 20; round++) {
      const part = `${round}:${"x".repeat(round * 3_000)};`;
      sent += part;
      socket.write(`${part.length.toString(16)}\r\n${part}\r\n`);
      await until(() => received.length === sent.length, "what was sent");
    }
    socket.end("0\r\n\r\n");
    await reading;
    expect(received).toBe(sent);
  });
});
