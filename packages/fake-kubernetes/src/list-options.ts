import type { Fault } from "./faults.ts";
import { parseFieldSelector, parseLabelSelector, type Selector } from "./selectors.ts";
import { parseShardSelector } from "./shard-selector.ts";
import { ApiFailure, badRequest, failure, forbiddenOption } from "./status.ts";

/** What the server does with `shardSelector`: a gate that is on, a gate that is off, or an older parser that refuses it. */
export type ShardSelectorSupport = "honour" | "ignore" | "reject";

/** Query parameters of lists and watches, checked. */
export interface ListOptions {
  /** Undefined when absent or empty. */
  readonly resourceVersion: number | undefined;
  readonly match: "" | "Exact" | "NotOlderThan";
  /** 0 for none. */
  readonly limit: number;
  readonly continue: string;
  readonly watch: boolean;
  readonly sendInitialEvents: boolean;
  readonly bookmarks: boolean;
  /** Seconds; undefined when absent. */
  readonly timeoutSeconds: number | undefined;
  readonly selector: Selector | undefined;
  /** Label or field selectors hide how many items remain; a shard selector does not. */
  readonly countable: boolean;
  /** Canonical text of the shard selector that is applied. */
  readonly shardSelector: string | undefined;
}

/** Throws the ApiFailure of a real server (400, 422 or 500) for parameters that contradict each other or cannot be read. */
export function parseListOptions(
  given: URLSearchParams,
  resource: string,
  server: { readonly shardSelector: ShardSelectorSupport; readonly faults: readonly Fault[] },
): ListOptions {
  const query = new URLSearchParams(given);
  for (const fault of server.faults)
    if (fault.kind === "ignore") for (const name of fault.parameters) query.delete(name);
  const text = (name: string): string => query.get(name) ?? "";
  const watch = flag(text("watch"));
  const match = text("resourceVersionMatch");
  const sendInitialEvents = text("sendInitialEvents");
  checkMatch({ watch, match, sendInitialEvents, version: text("resourceVersion") });
  const selectors: Selector[] = [];
  if (text("labelSelector") !== "") selectors.push(parseLabelSelector(text("labelSelector")));
  if (text("fieldSelector") !== "")
    selectors.push(parseFieldSelector(text("fieldSelector"), resource));
  const countable = selectors.length === 0;
  const shard = shardOf(text("shardSelector"), server.shardSelector);
  if (shard !== undefined) selectors.push(shard.matches);
  const timeout = text("timeoutSeconds");
  return {
    resourceVersion: versionOf(text("resourceVersion"), watch),
    match: match === "Exact" || match === "NotOlderThan" ? match : "",
    limit: Math.max(0, wholeNumber(text("limit"))),
    continue: text("continue"),
    watch,
    sendInitialEvents: flag(sendInitialEvents),
    bookmarks: flag(text("allowWatchBookmarks")),
    timeoutSeconds: timeout === "" ? undefined : wholeNumber(timeout),
    selector:
      selectors.length === 0 ? undefined : (object) => selectors.every((one) => one(object)),
    countable,
    shardSelector: shard?.canonical,
  };
}

function shardOf(
  text: string,
  support: ShardSelectorSupport,
): ReturnType<typeof parseShardSelector> | undefined {
  if (text === "" || support === "ignore") return undefined;
  if (support === "reject")
    throw new ApiFailure(failure(500, "", { message: "invalid shard selector: not understood" }));
  return parseShardSelector(text);
}

function checkMatch(given: {
  readonly watch: boolean;
  readonly match: string;
  readonly sendInitialEvents: string;
  readonly version: string;
}): void {
  const { watch, match, sendInitialEvents, version } = given;
  if (!watch) {
    if (sendInitialEvents !== "")
      throw forbiddenOption("sendInitialEvents", "sendInitialEvents is forbidden for list");
    if (match !== "" && version === "")
      throw forbiddenOption(
        "resourceVersionMatch",
        "resourceVersionMatch is forbidden unless resourceVersion is provided",
      );
    if (match === "Exact" && version === "0")
      throw forbiddenOption(
        "resourceVersionMatch",
        'resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      );
    return;
  }
  if (sendInitialEvents !== "" && match !== "NotOlderThan")
    throw forbiddenOption(
      "resourceVersionMatch",
      "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    );
  if (sendInitialEvents === "" && match !== "")
    throw forbiddenOption(
      "resourceVersionMatch",
      "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
    );
}

/** A bad version is a 400 of a list and, oddly, a 500 of a watch (seen on 1.36.3). */
function versionOf(text: string, watch: boolean): number | undefined {
  if (text === "") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const message = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`;
  if (watch) throw new ApiFailure(failure(500, "", { message }));
  throw badRequest(`invalid resource version: ${message}`);
}

function wholeNumber(text: string): number {
  if (text === "") return 0;
  if (!/^-?\d+$/.test(text))
    throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function flag(text: string): boolean {
  return text === "1" || text.toLowerCase() === "true";
}
