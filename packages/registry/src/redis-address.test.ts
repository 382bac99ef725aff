import { describe, expect, test } from "vitest";
import { parseRedisAddress } from "./redis-address.ts";

describe("the address of a Redis", () => {
  test.each([
    "redis://127.0.0.1:6379",
    "redis://user:p%40ss@redis.example/3",
    "rediss://[::1]:6380/0",
    "redis://redis",
  ])("%s is taken as it is", (url) => {
    expect(parseRedisAddress(url)).toEqual({ kind: "direct", url });
  });

  test("of Sentinels names them, the master, the credentials and the database", () => {
    expect(
      parseRedisAddress("redis-sentinel://ann:p%40ss@a.example,b.example:1234,[::1]:5/shards/2"),
    ).toEqual({
      kind: "sentinel",
      sentinels: [
        { host: "a.example", port: 26_379 },
        { host: "b.example", port: 1_234 },
        { host: "::1", port: 5 },
      ],
      master: "shards",
      username: "ann",
      password: "p@ss",
      database: 2,
    });
  });

  test("of Sentinels needs no credentials", () => {
    expect(parseRedisAddress("redis-sentinel://a/shards")).toMatchObject({
      username: undefined,
      password: undefined,
      database: 0,
    });
  });

  test.each([
    "",
    "redis",
    "http://:s3cret@redis",
    "redis://",
    "redis://:s3cret@redis/zero",
    "redis-sentinel://:s3cret@a",
    "redis-sentinel://:s3cret@a:port/shards",
    "redis-sentinel://:s3cret@,/shards",
  ])("%j is refused without its password", (text) => {
    expect(() => parseRedisAddress(text)).toThrow(
      expect.objectContaining({
        code: "REDIS_ADDRESS",
        message: expect.not.stringContaining("s3cret"),
      }),
    );
  });
});
