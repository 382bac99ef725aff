import { expect, test } from "vitest";
import { ExporterError, messageOf } from "./index.ts";

test("an error has a code, a cause and frozen facts", () => {
  const cause = new Error("inner");
  const context = { port: 8080 };
  const error = new ExporterError("PORT_IN_USE", "port 8080 is in use", { cause, context });
  expect(error).toMatchObject({ code: "PORT_IN_USE", message: "port 8080 is in use", cause });
  context.port = 1;
  expect(error.context).toEqual({ port: 8080 });
  expect(Object.isFrozen(error.context)).toBe(true);
  expect(new ExporterError("X", "y")).not.toHaveProperty("cause");
});

test.each([
  [new Error("plain"), "plain"],
  [new AggregateError([new Error("a"), "b"], "outer"), "a; b"],
  [new AggregateError([], "none"), "none"],
  ["text", "text"],
  [undefined, "undefined"],
  [{ toString: (): string => "odd" }, "odd"],
])("the text of anything thrown: %#", (thrown, wanted) => {
  expect(messageOf(thrown)).toBe(wanted);
});
