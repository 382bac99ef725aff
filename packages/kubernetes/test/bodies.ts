import {
  encodeList,
  encodeObject,
  encodeProtobuf,
  encodeStatus,
  encodeWatchFrame,
  pod,
} from "@kube-state-mosaic/wire";

export interface PodFacts {
  readonly name: string;
  readonly rv: number;
  readonly uid?: string;
}

/** Writes lists and events of pods as the API server does, in one of its formats. */
export interface Bodies {
  readonly listType: string;
  readonly watchType: string;
  list(metadata: { resourceVersion: string; continue?: string }, pods: readonly PodFacts[]): Buffer;
  event(type: "ADDED" | "MODIFIED" | "DELETED", facts: PodFacts): Buffer;
  bookmark(rv: number, initialEventsEnd?: boolean): Buffer;
  error(code: number, reason: string, more?: object): Buffer;
  status(code: number, reason: string, more?: object): Buffer;
}

const podType = { apiVersion: "v1", kind: "Pod" };

function podOf({ name, rv, uid = `uid-${name}` }: PodFacts): object {
  return { metadata: { name, namespace: "default", uid, resourceVersion: String(rv) } };
}

function bookmarkOf(rv: number, end: boolean): object {
  const annotations = end ? { "k8s.io/initial-events-end": "true" } : {};
  return { metadata: { resourceVersion: String(rv), annotations } };
}

function statusOf(code: number, reason: string, more: object = {}): object {
  const message = `status ${code}`;
  return { apiVersion: "v1", kind: "Status", status: "Failure", message, reason, code, ...more };
}

const line = (type: string, object: object): Buffer =>
  Buffer.from(`${JSON.stringify({ type, object })}\n`);

export const json: Bodies = {
  listType: "application/json",
  watchType: "application/json",
  list: (metadata, pods) =>
    Buffer.from(
      JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata, items: pods.map(podOf) }),
    ),
  event: (type, facts) => line(type, { ...podType, ...podOf(facts) }),
  bookmark: (rv, end = false) => line("BOOKMARK", { ...podType, ...bookmarkOf(rv, end) }),
  error: (code, reason, more) => line("ERROR", statusOf(code, reason, more)),
  status: (code, reason, more) => Buffer.from(JSON.stringify(statusOf(code, reason, more))),
};

const message = (object: object): Buffer => encodeProtobuf(pod, object);
const frame = (type: string, object: object): Buffer =>
  encodeWatchFrame(type, encodeObject(podType, message(object)));

export const protobuf: Bodies = {
  listType: "application/vnd.kubernetes.protobuf",
  watchType: "application/vnd.kubernetes.protobuf;stream=watch",
  list: (metadata, pods) =>
    encodeList(
      { apiVersion: "v1", kind: "PodList" },
      metadata,
      pods.map((facts) => message(podOf(facts))),
    ),
  event: (type, facts) => frame(type, podOf(facts)),
  bookmark: (rv, end = false) => frame("BOOKMARK", bookmarkOf(rv, end)),
  error: (code, reason, more) =>
    encodeWatchFrame("ERROR", encodeStatus(statusOf(code, reason, more))),
  status: (code, reason, more) => encodeStatus(statusOf(code, reason, more)),
};
