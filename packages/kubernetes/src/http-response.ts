/** The head of a response. */
export interface ResponseHead {
  readonly status: number;
  /** Lower-case names; repeated headers are joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ResponseParts {
  head(head: ResponseHead): void;
  /** The next part of the body is `bytes[start, end)`, for as long as the call lasts. */
  data(bytes: Buffer, start: number, end: number): void;
  /** The body is complete. */
  end(): void;
}

const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 4 * 1024;
const CR = 13;
const LF = 10;

/** Around chunks. */
type Around = "size" | "extension" | "after-chunk" | "trailer";
type State = "head" | "counted" | "until-close" | "chunk" | Around | "over";

/**
 * Takes one HTTP/1.1 response apart (RFC 9112), for a connection that carries no other. Throws an Error on bytes that are none;
 * nothing may be pushed after that. A response without `Transfer-Encoding` and `Content-Length` ends with its connection.
 */
export class ResponseParser {
  readonly #parts: ResponseParts;
  #state: State = "head";
  #head = "";
  /** Bytes of the chunk, or of the body, that are still to come; in a size line, what it says so far. */
  #left = 0;
  #digits = 0;
  #line = 0;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  /** Whether the response may end where the bytes so far do. */
  get complete(): boolean {
    return this.#state === "over" || this.#state === "until-close";
  }

  /** Takes `bytes[0, length)`. What comes after the end of the response is ignored: nothing more was asked for. */
  push(bytes: Buffer, length: number): void {
    let at = 0;
    while (at < length && this.#state !== "over") {
      if (this.#state === "head") at = this.#takeHead(bytes, at, length);
      else if (this.#state === "counted" || this.#state === "chunk")
        at = this.#takeCounted(bytes, at, length);
      else if (this.#state === "until-close") {
        this.#parts.data(bytes, at, length);
        return;
      } else {
        this.#takeByte(this.#state, bytes[at] ?? 0);
        at += 1;
      }
    }
  }

  #takeCounted(bytes: Buffer, at: number, length: number): number {
    const end = Math.min(length, at + this.#left);
    this.#left -= end - at;
    this.#parts.data(bytes, at, end);
    if (this.#left > 0) return end;
    if (this.#state === "chunk") this.#state = "after-chunk";
    else this.#end();
    return end;
  }

  /** Around chunks: `size [; extension] CRLF … CRLF`, and after the last one trailers and an empty line. */
  #takeByte(state: Around, byte: number): void {
    switch (state) {
      case "size":
        if (byte === LF) return this.#sized();
        if (byte === CR) return;
        if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.#state = "extension";
        else this.#digit(byte);
        return;
      case "extension":
        if (byte === LF) this.#sized();
        else this.#count();
        return;
      case "after-chunk":
        if (byte === LF) this.#state = "size";
        else if (byte !== CR) throw new Error("a chunk of the response is longer than it says");
        return;
      case "trailer":
        if (byte === LF && this.#line === 0) return this.#end();
        if (byte === LF) this.#line = 0;
        else if (byte !== CR) this.#count();
    }
  }

  #digit(byte: number): void {
    const lower = byte | 0x20;
    const value =
      byte >= 0x30 && byte <= 0x39
        ? byte - 0x30
        : lower >= 0x61 && lower <= 0x66
          ? lower - 0x57
          : -1;
    if (value < 0 || this.#digits === 12)
      throw new Error("the size of a chunk of the response cannot be read");
    this.#left = this.#left * 16 + value;
    this.#digits += 1;
  }

  #sized(): void {
    if (this.#digits === 0) throw new Error("a chunk of the response has no size");
    this.#digits = 0;
    this.#line = 0;
    this.#state = this.#left === 0 ? "trailer" : "chunk";
  }

  #count(): void {
    this.#line += 1;
    if (this.#line > LINE_LIMIT)
      throw new Error("a line between chunks of the response is too long");
  }

  #end(): void {
    this.#state = "over";
    this.#parts.end();
  }

  /** Answers where the body begins, or `length`. */
  #takeHead(bytes: Buffer, at: number, length: number): number {
    const before = this.#head.length;
    this.#head += bytes.toString("latin1", at, length);
    // The end may lie across two reads.
    const end = this.#head.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end < 0) {
      if (this.#head.length > HEAD_LIMIT) throw new Error("the head of the response is too long");
      return length;
    }
    const head = headOf(this.#head.slice(0, end));
    this.#head = "";
    // An interim response: the one that counts is still to come.
    if (head.status >= 200) this.#begin(head);
    return at + end + 4 - before;
  }

  #begin(head: ResponseHead): void {
    const { "transfer-encoding": coding, "content-length": count } = head.headers;
    if (coding !== undefined && (coding.toLowerCase() !== "chunked" || count !== undefined))
      throw new Error("the response is framed in a way that cannot be read");
    if (count !== undefined && !/^[0-9]{1,15}$/.test(count))
      throw new Error("the length of the response cannot be read");
    this.#left = Number(count ?? 0);
    this.#state = coding !== undefined ? "size" : count !== undefined ? "counted" : "until-close";
    this.#parts.head(head);
    const empty = head.status === 204 || head.status === 304;
    if (empty || (this.#state === "counted" && this.#left === 0)) this.#end();
  }
}

function headOf(text: string): ResponseHead {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] ([1-5][0-9]{2})(?: |$)/.exec(first)?.[1]);
  if (Number.isNaN(status) || status === 101)
    throw new Error("the answer is not an HTTP/1.1 response");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value = ""] =
      /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new Error("a header of the response cannot be read");
    const key = name.toLowerCase();
    const known = headers[key];
    headers[key] = known === undefined ? value : `${known}, ${value}`;
  }
  return { status, headers };
}
