import { ExporterError } from "@kube-state-mosaic/errors";

/** Far above any object of ours: a stream without line ends is not a watch. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** The values of a body with one JSON text a line. Throws `WATCH_UNREADABLE` on anything else, and on a last line cut short. */
export async function* jsonLines(body: AsyncIterable<Buffer>): AsyncGenerator<unknown, void> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
      start = end + 1;
      rest = [];
      length = 0;
      if (line.length > 0) yield parse(line);
    }
    rest.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE_BYTES) throw unreadable("a line is longer than 16 MiB");
  }
  const last = Buffer.concat(rest);
  if (last.length > 0) yield parse(last);
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString("utf8"));
  } catch (cause) {
    throw unreadable("a line is not JSON", cause);
  }
}

function unreadable(what: string, cause?: unknown): ExporterError {
  return new ExporterError("WATCH_UNREADABLE", `watch stream: ${what}; it is read again`, {
    cause,
  });
}
