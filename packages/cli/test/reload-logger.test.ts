import { expect, test } from "vitest";
import { adjustableLogger } from "../src/reload-logger.ts";

test("a level that is set counts from the next line, for children made before as well", () => {
  const lines: string[] = [];
  const logger = adjustableLogger({
    format: "json",
    level: "warn",
    destination: { write: (line) => lines.push((JSON.parse(line) as { msg: string }).msg) },
  });
  const child = logger.child({ shard: 1 });
  for (const level of ["debug", "info", "warn", "error"] as const) child[level](`first ${level}`);
  logger.setLevel("debug");
  child.debug("second debug");
  logger.setLevel("error");
  for (const each of [logger, child]) each.warn("third");
  logger.error("fourth");
  expect(lines).toEqual(["first warn", "first error", "second debug", "fourth"]);
});
