import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { has } from "./environment.ts";
import { startRedis } from "./redis.ts";

test.skipIf(!has("redis"))("a Redis of one's own answers, and is empty", async () => {
  await using redis = await startRedis();
  const socket = connect(Number(new URL(redis.url).port), "127.0.0.1");
  socket.end("DBSIZE\r\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toBe(":0\r\n");
});
