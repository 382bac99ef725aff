import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { json, protobuf, type Bodies } from "./bodies.ts";
import { Play } from "./play.ts";
import type { Exchange } from "./scripted-server.ts";
import { until } from "./until.ts";

const a1 = { name: "a", rv: 1 };
const b2 = { name: "b", rv: 2 };

/** A play whose list at version 10 (a@1, b@2) is done, and its first watch, not answered yet. */
async function listed(
  bodies: Bodies,
  options: Parameters<typeof Play.start>[0] = {},
): Promise<{ play: Play; watch: Exchange }> {
  const play = await Play.start({ streamingList: false, ...options });
  const headers = { "content-type": bodies.listType };
  const list = await play.server.next();
  list.reply(200, bodies.list({ resourceVersion: "10" }, [a1, b2]), headers);
  const watch = await play.server.next();
  return { play, watch };
}

describe.each([
  ["JSON", json],
  ["protobuf", protobuf],
])("watches as %s", (_name, bodies) => {
  test("all five event types do what they say, and each moves the resume point", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    watch.write(
      bodies.event("ADDED", { name: "c", rv: 11 }),
      bodies.event("MODIFIED", { name: "a", rv: 12 }),
      bodies.event("DELETED", { name: "b", rv: 13 }),
      bodies.event("DELETED", { name: "unknown", rv: 14 }),
      bodies.bookmark(20),
      bodies.error(500, "InternalError"),
    );
    await play.backoff(800);
    expect(play.sink.calls.slice(-5)).toEqual([
      "watch c@11",
      "watch a@12",
      "delete b",
      "delete unknown",
      "bookmark 20",
    ]);
    expect(play.sink.objects).toEqual(["a@12", "c@11"]);
    expect((await play.server.next()).query["resourceVersion"]).toBe("20");
    expect(play.told).not.toContain("relist status");
  });

  test("frames may be split at every byte", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    const bytes = Buffer.concat([
      bodies.event("ADDED", { name: "ä€𝄞", rv: 11 }),
      bodies.bookmark(12),
      bodies.event("DELETED", { name: "a", rv: 13 }),
    ]);
    for (let at = 0; at < bytes.length; at++) {
      watch.write(bytes.subarray(at, at + 1));
      await until(() => watch.pendingBytes === 0);
    }
    await play.holds("b@2", "ä€𝄞@11");
    expect(play.reflector.state.resourceVersion).toBe("13");
  });

  test("a clean end is followed at once by a watch from the last version", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    watch.write(bodies.event("ADDED", { name: "c", rv: 11 }));
    watch.end();
    expect((await play.server.next()).query["resourceVersion"]).toBe("11");
    expect(play.sink.calls.filter((call) => call === "listStarted")).toHaveLength(1);
  });

  test.each([
    ["an end inside a frame", (watch: Exchange): void => watch.end()],
    ["a reset", (watch: Exchange): void => watch.reset()],
  ])("%s costs nothing: the watch goes on from the last whole event", async (_what, cut) => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    watch.write(bodies.event("ADDED", { name: "c", rv: 11 }));
    await play.holds("a@1", "b@2", "c@11");
    const frame = bodies.event("ADDED", { name: "d", rv: 12 });
    watch.write(frame.subarray(0, frame.length - 5));
    await until(() => watch.pendingBytes === 0);
    cut(watch);
    expect((await play.server.next()).query["resourceVersion"]).toBe("11");
    expect(play.told).not.toContain("frame error");
    expect(play.logged.join()).toContain("list or watch failed");
  });

  test("410 inside the stream leads to a list at once, and to a delayed one when it repeats within a minute", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    watch.write(bodies.error(410, "Expired"));
    const headers = { "content-type": bodies.listType };
    const relist = await play.server.next();
    expect(relist.query["limit"]).toBe("500");
    relist.reply(200, bodies.list({ resourceVersion: "30" }, [a1]), headers);
    await play.holds("a@1");
    const second = await play.server.next();
    expect(second.query["resourceVersion"]).toBe("30");
    second.open(bodies.watchType);
    second.write(bodies.error(410, "Gone"));
    await play.backoff(800);
    expect((await play.server.next()).query["limit"]).toBe("500");
  });

  test("429 inside the stream waits as long as its Status says and resumes the watch", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    watch.open(bodies.watchType);
    watch.write(bodies.error(429, "TooManyRequests", { details: { retryAfterSeconds: 7 } }));
    await play.backoff(7_000);
    expect((await play.server.next()).query["resourceVersion"]).toBe("10");
  });

  test("the fourth refusal in a row with a Status leads to a list", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    let exchange = watch;
    for (const delay of [800, 1600, 3200, 6400]) {
      expect(exchange.query["watch"]).toBe("true");
      exchange.reply(500, bodies.status(500, "InternalError"));
      await play.backoff(delay);
      exchange = await play.server.next();
    }
    expect(exchange.query["watch"]).toBeUndefined();
    expect(play.told).toContain("relist status");
    expect(play.sink.objects).toEqual(["a@1", "b@2"]);
  });

  test("refusals with a working watch between them are not in a row", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    let exchange = watch;
    const refuse = async (delay: number): Promise<void> => {
      exchange.reply(500, bodies.status(500, "InternalError"));
      await play.backoff(delay);
      exchange = await play.server.next();
    };
    for (const delay of [800, 1600, 3200]) await refuse(delay);
    exchange.open(bodies.watchType);
    exchange.write(bodies.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    exchange.end();
    exchange = await play.server.next();
    for (const delay of [6400, 12_800, 25_600]) await refuse(delay);
    expect(exchange.query).toMatchObject({ watch: "true", resourceVersion: "11" });
    expect(play.reflector.state.relists).toBe(0);
  });

  test("an unreadable frame is counted, resumed once from the last good event, and then leads to a list", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    const garbage = Buffer.from("\x00\x00\x00\x05garbage that is no frame at all\n");
    watch.open(bodies.watchType);
    watch.write(bodies.event("ADDED", { name: "c", rv: 11 }), garbage);
    const resumed = await play.server.next();
    expect(resumed.query["resourceVersion"]).toBe("11");
    resumed.open(bodies.watchType);
    resumed.write(garbage);
    await play.backoff(800);
    expect((await play.server.next()).query["limit"]).toBe("500");
    expect(play.told.filter((what) => what === "frame error")).toHaveLength(2);
    expect(play.reflector.state.frameErrors).toBe(2);
    expect(play.told).toContain("relist unreadable");
  });

  test("an event that cannot be decoded keeps the old state and moves on", async () => {
    const { play, watch } = await listed(bodies);
    await using _play = play;
    play.sink.undecodable.add("a");
    watch.open(bodies.watchType);
    watch.write(
      bodies.event("MODIFIED", { name: "a", rv: 11 }),
      bodies.event("ADDED", { name: "c", rv: 12 }),
    );
    await play.holds("a@1", "b@2", "c@12");
    expect(play.told).toContain("decode error");
    expect(play.reflector.state.resourceVersion).toBe("12");
  });
});

describe("watches", () => {
  test("an event of unknown type is an unreadable frame, never skipped", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write('{"type":"SURPRISE","object":{"metadata":{"resourceVersion":"12"}}}\n');
    expect((await play.server.next()).query["resourceVersion"]).toBe("10");
    expect(play.told).toContain("frame error");
  });

  test("a frame of more than 16 MiB is an unreadable frame", async () => {
    const { play, watch } = await listed(protobuf);
    await using _play = play;
    watch.open(protobuf.watchType);
    watch.write(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
    await play.server.next();
    expect(play.told).toContain("frame error");
  });

  test("a watch that ends within a second without an event leads to a list after a delay", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    play.clock.advance(900);
    watch.open(json.watchType);
    watch.end();
    await play.backoff(800);
    expect((await play.server.next()).query).toEqual({
      limit: "500",
      resourceVersion: "10",
      resourceVersionMatch: "NotOlderThan",
    });
    expect(play.told).toContain("relist short-watch");
  });

  test("an outage keeps the resume point for ten minutes, then leads to a list", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    let exchange = watch;
    let waited = 0;
    for (let step = 0; waited < 600_000; step++) {
      expect(exchange.query).toMatchObject({ watch: "true", resourceVersion: "10" });
      exchange.reply(502, "<html>bad gateway</html>");
      const delay = Math.min(800 * 2 ** step, 30_000);
      await play.backoff(delay);
      waited += delay;
      exchange = await play.server.next();
    }
    exchange.reply(502, "<html>bad gateway</html>");
    await play.backoff(30_000);
    expect((await play.server.next()).query["watch"]).toBeUndefined();
    expect(play.told).toContain("relist unreachable");
    expect(play.sink.objects).toEqual(["a@1", "b@2"]);
  });

  test("a watch that the server does not end is cut 30 s after its time and resumed at once", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write(json.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    play.clock.advance(329_999);
    await turn();
    expect(watch.closed).toBe(false);
    play.clock.advance(1);
    expect((await play.server.next()).query["resourceVersion"]).toBe("11");
    await until(() => watch.closed, "the old watch to be closed");
  });

  test("where bookmarks come every minute, three minutes without a byte are the end of a watch", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write(json.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    play.clock.advance(60_000);
    watch.write(json.bookmark(12));
    await until(() => play.reflector.state.resourceVersion === "12");
    play.clock.advance(179_999);
    await turn();
    expect(watch.closed).toBe(false);
    play.clock.advance(1);
    expect((await play.server.next()).query["resourceVersion"]).toBe("12");
  });

  test("a silent watch whose version lies in the server's future starts from nothing", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    await until(() => play.reflector.state.httpStatus === 200);
    play.clock.advance(300_000);
    watch.end();
    const probe = await play.server.next();
    expect(probe.query).toEqual({ limit: "1" });
    probe.json({ kind: "PodList", metadata: { resourceVersion: "5" }, items: [] });
    const list = await play.server.next();
    expect(list.query).toEqual({ limit: "500" });
    list.json({ kind: "PodList", metadata: { resourceVersion: "5" }, items: [] });
    await play.holds();
    expect(play.told).toContain("relist version-went-back");
    expect(play.sink.calls).toContain("listStarted anew");
    (await play.server.next()).reply(410, json.status(410, "Expired"));
    await play.server.next();
    expect(play.sink.calls.at(-1)).toBe("listStarted");
  });

  test("a silent watch whose version the server still has just goes on", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    play.clock.advance(300_000);
    watch.end();
    const probe = await play.server.next();
    probe.json({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
    expect((await play.server.next()).query["resourceVersion"]).toBe("10");
  });

  test("a watch that breaks again right after its first event waits", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write(json.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    watch.reset();
    const second = await play.server.next();
    second.open(json.watchType);
    second.write(json.bookmark(12));
    await until(() => play.reflector.state.resourceVersion === "12");
    second.reset();
    await play.backoff(800);
    expect((await play.server.next()).query["resourceVersion"]).toBe("12");
  });

  test("delays start over only after two minutes without a failure", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.reply(503, "");
    await play.backoff(800);
    const second = await play.server.next();
    second.open(json.watchType);
    second.write(json.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    play.clock.advance(60_000);
    second.end();
    (await play.server.next()).reply(503, "");
    await play.backoff(1600);
    const third = await play.server.next();
    third.open(json.watchType);
    third.write(json.bookmark(12));
    await until(() => play.reflector.state.resourceVersion === "12");
    play.clock.advance(120_000);
    third.end();
    (await play.server.next()).reply(503, "");
    await play.backoff(800);
    expect(play.told).not.toContain("relist status");
  });

  test("the first watch after a list is short where a bookmark is wanted soon", async () => {
    const { play, watch } = await listed(json, { firstWatchSeconds: 5 });
    await using _play = play;
    expect(watch.query["timeoutSeconds"]).toBe("5");
    watch.open(json.watchType);
    watch.write(json.bookmark(10));
    await until(() => play.sink.calls.includes("bookmark 10"));
    watch.end();
    expect((await play.server.next()).query["timeoutSeconds"]).toBe("300");
  });

  test("watches last a random time between 300 and 600 seconds", async () => {
    const { play, watch } = await listed(json, { random: () => 0.999, startJitterMs: 0 });
    await using _play = play;
    expect(watch.query["timeoutSeconds"]).toBe("599");
  });

  test("a resumed reflector watches from its version and is synced once it has caught up", async () => {
    await using play = await Play.start({ resumeFrom: "8", firstWatchSeconds: 3 });
    const probe = await play.server.next();
    expect(probe.query).toEqual({ limit: "1" });
    probe.json({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
    const watch = await play.server.next();
    expect(watch.query).toMatchObject({ resourceVersion: "8", timeoutSeconds: "3" });
    watch.open(json.watchType);
    watch.write(json.event("ADDED", { name: "c", rv: 9 }));
    await play.holds("c@9");
    expect(play.reflector.state.synced).toBe(false);
    watch.write(json.bookmark(10));
    await until(() => play.reflector.state.synced, "synced");
    expect(play.sink.calls).toEqual(["watch c@9", "bookmark 10"]);
  });

  test("an event of an older version does not move the resume point back", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write(json.event("ADDED", { name: "c", rv: 12 }), json.bookmark(9));
    await until(() => play.sink.calls.includes("bookmark 9"));
    watch.end();
    expect((await play.server.next()).query["resourceVersion"]).toBe("12");
  });

  test("an outage shows since when it lasts, until a watch is answered", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    watch.open(json.watchType);
    watch.write(json.bookmark(11));
    await until(() => play.reflector.state.resourceVersion === "11");
    expect(play.reflector.state).toMatchObject({ open: true, failingSince: undefined });
    play.clock.advance(5_000);
    const since = play.clock.wall() / 1000;
    watch.end();
    (await play.server.next()).reply(503, "");
    await play.backoff(800);
    (await play.server.next()).reply(502, "");
    await until(() => play.reflector.state.phase === "backoff");
    expect(play.reflector.state).toMatchObject({
      open: false,
      synced: true,
      failingSince: since,
      httpStatus: 502,
      lastError: expect.stringContaining("502"),
    });
    await play.backoff(1_600);
    (await play.server.next()).open(json.watchType);
    await until(() => play.reflector.state.open);
    expect(play.reflector.state).toMatchObject({
      failingSince: undefined,
      lastError: undefined,
      httpStatus: 200,
    });
  });

  test("what expires while a resumed reflector catches up is listed consistently", async () => {
    await using play = await Play.start({ resumeFrom: "8", streamingList: false });
    const probe = await play.server.next();
    probe.json({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
    (await play.server.next()).reply(410, json.status(410, "Expired"));
    expect((await play.server.next()).query).toEqual({ limit: "500" });
    expect(play.reflector.state.synced).toBe(false);
  });

  test("a deletion that the sink cannot take is counted and costs nothing else", async () => {
    const { play, watch } = await listed(json);
    await using _play = play;
    play.sink.delete = () => {
      throw new Error("no UID");
    };
    watch.open(json.watchType);
    watch.write(json.event("DELETED", { name: "a", rv: 11 }), json.bookmark(12));
    await until(() => play.reflector.state.resourceVersion === "12");
    expect(play.told).toContain("decode error");
    expect(play.reflector.state.phase).toBe("synced");
  });

  test("an error of the sink where none is allowed ends the run with that error", async () => {
    const play = await Play.start({ streamingList: false });
    const defect = new Error("defect");
    play.sink.bookmark = () => {
      throw defect;
    };
    const list = await play.server.next();
    list.json({ kind: "PodList", metadata: { resourceVersion: "10" }, items: [] });
    const watch = await play.server.next();
    watch.open(json.watchType);
    watch.write(json.bookmark(11));
    await expect(play.stopped).rejects.toBe(defect);
    expect(play.reflector.state.phase).toBe("stopped");
    await play.server[Symbol.asyncDispose]();
  });
});
