import { ExporterError } from "@kube-state-mosaic/errors";
import { expect, test } from "vitest";
import { createLogger, type LogLevel } from "./logger.ts";

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5, 678);

function logging(format: "text" | "json", level: LogLevel = "debug") {
  const lines: string[] = [];
  const logger = createLogger({
    format,
    level,
    now,
    destination: { write: (line) => void lines.push(line) },
  });
  return { logger, lines };
}

test("a text line has time, level, message and fields", () => {
  const { logger, lines } = logging("text");
  logger.info("Listed.", { resource: "pods", objects: 3, complete: true, reason: undefined });
  logger.warn("Plain.");
  expect(lines).toEqual([
    "2026-01-02T03:04:05.678Z INFO Listed. resource=pods objects=3 complete=true\n",
    "2026-01-02T03:04:05.678Z WARN Plain.\n",
  ]);
});

test("a JSON line is one object", () => {
  const { logger, lines } = logging("json");
  logger.error("Failed.", { resource: "pods", attempts: 2 });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      level: "error",
      time: "2026-01-02T03:04:05.678Z",
      msg: "Failed.",
      resource: "pods",
      attempts: 2,
    },
  ]);
  expect(lines[0]).toMatch(/\}\n$/);
});

test("messages below the level are dropped", () => {
  const { logger, lines } = logging("text", "warn");
  logger.debug("a");
  logger.info("b");
  logger.warn("c");
  logger.error("d");
  expect(lines.map((line) => line.split(" ")[2])).toEqual(["c\n", "d\n"]);
});

test("the fields of a child stand on each of its lines", () => {
  const { logger, lines } = logging("text");
  const child = logger.child({ shard: 1 }).child({ resource: "pods" });
  child.debug("Hello.", { page: 2 });
  expect(lines).toEqual(["2026-01-02T03:04:05.678Z DEBUG Hello. shard=1 resource=pods page=2\n"]);
});

test.each([
  ["two words", '"two words"'],
  ["", '""'],
  ["a=b", '"a=b"'],
  ['say "x"', '"say \\"x\\""'],
  ["line\nfeed", '"line\\nfeed"'],
  ["\u001b[31mred", '"\\u001b[31mred"'],
  ["\u2028", '"\\u2028"'],
  ["grüße", "grüße"],
])("the text field %j is written %s", (value, written) => {
  const { logger, lines } = logging("text");
  logger.info("m", { key: value });
  expect(lines).toEqual([`2026-01-02T03:04:05.678Z INFO m key=${written}\n`]);
});

test("a message with line feeds and escape sequences stays one harmless line", () => {
  const { logger, lines } = logging("text");
  logger.info("a\nb\u001b[2J\u009b");
  expect(lines).toEqual(["2026-01-02T03:04:05.678Z INFO a\\nb\\u001b[2J\\u009b\n"]);
});

test("of an error the message and the code are written", () => {
  const { logger, lines } = logging("text");
  logger.error("Failed.", {
    error: new ExporterError("PORT_IN_USE", "taken"),
    cause: new Error("plain"),
  });
  expect(lines[0]).toMatch(/Failed\. error=taken error_code=PORT_IN_USE cause=plain\n$/);
});

test("a field cannot take the place of the line's own keys", () => {
  const { logger, lines } = logging("json");
  logger.info("m", { time: "t", level: "l", msg: "x" });
  expect(lines).toEqual([
    '{"level":"info","time":"2026-01-02T03:04:05.678Z","time_":"t","level_":"l","msg_":"x","msg":"m"}\n',
  ]);
});
