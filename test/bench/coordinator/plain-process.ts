/** What a coordinator is measured against: a server that writes bytes that it was given (PUT), from one buffer. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let body = Buffer.alloc(0);
const server = createServer((request, response) => {
  if (request.method !== "PUT") return void response.end(body);
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    body = Buffer.concat(chunks);
    response.end();
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMs: (user + system) / 1000 });
});
process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
