/** `node process-kubelet-proxy.ts ADDRESS PORT TO-ADDRESS TO-PORT`: passes connections on, as a Service's address does. */
import { connect, createServer } from "node:net";

const [address, port, toAddress, toPort] = process.argv.slice(2);

createServer((client) => {
  const server = connect(Number(toPort), toAddress);
  client.pipe(server).pipe(client);
  client.once("error", () => server.destroy());
  server.once("error", () => client.destroy());
}).listen(Number(port), address, () => console.log("listening"));
