import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent } from "undici";
import { expect, test } from "vitest";
import { ask, type Question } from "./ask.ts";

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const agent = new Agent({ connections: 1 });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ask: (more: Partial<Question> = {}) =>
      ask(agent, { url, headers: {}, timeoutMs: 5_000, onHead: () => true, ...more }),
    url,
    async [Symbol.asyncDispose]() {
      await agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

test("an answer comes whole, with its query and headers asked for, whatever hints precede it", async () => {
  await using server = await serve((request, response) => {
    response.writeProcessing();
    response.writeHead(201, { "X-Asked": `${request.url} ${request.headers.accept}` });
    response.write("one ");
    response.end("two");
  });
  const heads: number[] = [];
  const answer = await server.ask({
    url: `${server.url}/a/b?c=d`,
    headers: { accept: "e" },
    onHead: ({ statusCode }) => heads.push(statusCode) > 0,
  });
  expect(answer.statusCode).toBe(201);
  expect(answer.headers["x-asked"]).toBe("/a/b?c=d e");
  expect(Buffer.concat(answer.chunks).toString()).toBe("one two");
  expect(heads).toEqual([201]);
});

test("a body that is not wanted is not kept, and the connection serves the next question", async () => {
  const ports = new Set<unknown>();
  await using server = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("something long ".repeat(10_000));
  });
  expect((await server.ask({ onHead: () => false })).chunks).toEqual([]);
  expect((await server.ask()).chunks.length).toBeGreaterThan(0);
  expect(ports.size).toBe(1);
});

test("an answer that does not end in time is a TimeoutError, and its connection is closed", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = await serve((request, response) => {
    request.socket.once("close", resolve);
    response.write("half of it");
  });
  await expect(server.ask({ timeoutMs: 50 })).rejects.toMatchObject({ name: "TimeoutError" });
  await closed;
});

test("an answer that is cut is an error", async () => {
  await using server = await serve((request, response) => {
    response.writeHead(200, { "Content-Length": 100 }).write("half of it", () => {
      request.socket.destroy();
    });
  });
  await expect(server.ask()).rejects.toThrow("other side closed");
});

test("an address that is none is an error", async () => {
  await using server = await serve((_, response) => response.end());
  await expect(server.ask({ url: "nowhere" })).rejects.toThrow("Invalid URL");
});
