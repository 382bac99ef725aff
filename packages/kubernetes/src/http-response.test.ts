import { describe, expect, test } from "vitest";
import { ResponseParser, type ResponseHead } from "./http-response.ts";

/** What comes of a response that arrives in pieces of so many bytes. */
function parse(text: string, pieceSize = text.length): Outcome {
  const outcome: Outcome = { body: "", ended: false, complete: false };
  const parser = new ResponseParser({
    head: (head) => (outcome.head = head),
    data: (bytes, start, end) => (outcome.body += bytes.toString("latin1", start, end)),
    end: () => (outcome.ended = true),
  });
  const bytes = Buffer.from(text, "latin1");
  for (let start = 0; start < bytes.length; start += pieceSize) {
    const piece = bytes.subarray(start, start + pieceSize);
    parser.push(piece, piece.length);
  }
  outcome.complete = parser.complete;
  return outcome;
}

interface Outcome {
  head?: ResponseHead;
  body: string;
  ended: boolean;
  complete: boolean;
}

const ok = "HTTP/1.1 200 OK\r\n";

const responses: readonly (readonly [string, string, Outcome])[] = [
  [
    "chunks with extensions, trailers and sizes in either case",
    `${ok}Transfer-Encoding: Chunked\r\n\r\nA;x="y"\r\n0123456789\r\n00b\r\nabcdefghijk\r\n0\r\nX-T: 1\r\n\r\n`,
    {
      head: { status: 200, headers: { "transfer-encoding": "Chunked" } },
      body: "0123456789abcdefghijk",
      ended: true,
      complete: true,
    },
  ],
  [
    "a counted body",
    `${ok}content-length: 5\r\n\r\nhello`,
    {
      head: { status: 200, headers: { "content-length": "5" } },
      body: "hello",
      ended: true,
      complete: true,
    },
  ],
  [
    "an empty counted body",
    "HTTP/1.0 404 \r\nContent-Length: 0\r\n\r\n",
    {
      head: { status: 404, headers: { "content-length": "0" } },
      body: "",
      ended: true,
      complete: true,
    },
  ],
  [
    "a body that ends with its connection",
    "HTTP/1.1 200\r\n\r\nall of it",
    { head: { status: 200, headers: {} }, body: "all of it", ended: false, complete: true },
  ],
  [
    "repeated headers and blanks around values",
    `${ok}Warning: \t299 - "a" \r\nwarning:299 - "b"\r\ncontent-length: 0\r\n\r\n`,
    {
      head: {
        status: 200,
        headers: { warning: '299 - "a", 299 - "b"', "content-length": "0" },
      },
      body: "",
      ended: true,
      complete: true,
    },
  ],
  [
    "an interim response before the one that counts",
    `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}content-length: 1\r\n\r\na`,
    {
      head: { status: 200, headers: { "content-length": "1" } },
      body: "a",
      ended: true,
      complete: true,
    },
  ],
  [
    "no body after 204",
    "HTTP/1.1 204 No Content\r\n\r\n",
    { head: { status: 204, headers: {} }, body: "", ended: true, complete: true },
  ],
  [
    "a response that stops inside a chunk",
    `${ok}transfer-encoding: chunked\r\n\r\n5\r\nabc`,
    {
      head: { status: 200, headers: { "transfer-encoding": "chunked" } },
      body: "abc",
      ended: false,
      complete: false,
    },
  ],
  [
    "a response that stops before its last chunk",
    `${ok}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
    {
      head: { status: 200, headers: { "transfer-encoding": "chunked" } },
      body: "abc",
      ended: false,
      complete: false,
    },
  ],
  ["nothing but half a head", `${ok}conte`, { body: "", ended: false, complete: false }],
];

describe("responses", () => {
  test.each(responses)("%s", (_name, text, wanted) => {
    expect(parse(text)).toEqual(wanted);
  });

  test.each(responses)("%s, wherever it is cut", (_name, text, wanted) => {
    for (let size = 1; size < text.length; size++) expect(parse(text, size)).toEqual(wanted);
  });

  test("what follows the end is ignored", () => {
    expect(parse(`${ok}content-length: 1\r\n\r\nabc`).body).toBe("a");
  });
});

describe("bytes that are no response", () => {
  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
    ["another version of HTTP", "HTTP/2 200\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["a change of protocol", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["a folded header", `${ok}a: b\r\n c\r\n\r\n`],
    ["a header without a name", `${ok}: b\r\n\r\n`],
    ["a blank before the colon", `${ok}a : b\r\n\r\n`],
    ["an unknown coding", `${ok}transfer-encoding: gzip, chunked\r\n\r\n`],
    ["chunks and a length", `${ok}transfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n`],
    ["two lengths", `${ok}content-length: 3\r\ncontent-length: 4\r\n\r\n`],
    ["a negative length", `${ok}content-length: -1\r\n\r\n`],
    ["a chunk without a size", `${ok}transfer-encoding: chunked\r\n\r\n\r\n`],
    ["a size that is no number", `${ok}transfer-encoding: chunked\r\n\r\n0x3\r\n`],
    ["a size beyond counting", `${ok}transfer-encoding: chunked\r\n\r\nfffffffffffff\r\n`],
    ["a chunk longer than it says", `${ok}transfer-encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ["a head without end", `${ok}${"a: b\r\n".repeat(20_000)}`],
    ["an extension without end", `${ok}transfer-encoding: chunked\r\n\r\n1;${"x".repeat(5_000)}`],
    ["a trailer without end", `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${"x".repeat(5_000)}`],
  ])("%s is refused", (_name, text) => {
    expect(() => parse(text)).toThrow(/response/);
    expect(() => parse(text, 1)).toThrow(/response/);
  });
});
