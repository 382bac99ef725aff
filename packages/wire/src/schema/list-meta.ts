// meta/v1: what a list and a Status say about themselves.
import { int32, int64, list, message, one, optional, string, type Message } from "../schema.ts";

interface ShardInfo {
  readonly selector: string;
}

const shardInfo: Message<ShardInfo> = message<ShardInfo>("ShardInfo", { selector: string(1) });

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
  readonly shardInfo: ShardInfo | undefined;
}

export const listMeta: Message<ListMeta> = message<ListMeta>("ListMeta", {
  resourceVersion: string(2),
  continue: string(3),
  remainingItemCount: optional(int64(4)),
  shardInfo: optional(one(5, shardInfo)),
});

interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

const statusCause: Message<StatusCause> = message<StatusCause>("StatusCause", {
  reason: string(1),
  message: string(2),
  field: string(3),
});

interface StatusDetails {
  readonly causes: readonly StatusCause[];
  readonly retryAfterSeconds: number;
}

const statusDetails: Message<StatusDetails> = message<StatusDetails>("StatusDetails", {
  causes: list(4, statusCause),
  retryAfterSeconds: int32(5),
});

export interface StatusMessage {
  readonly metadata: ListMeta;
  readonly status: string;
  readonly message: string;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  readonly code: number;
}

export const status: Message<StatusMessage> = message<StatusMessage>("Status", {
  metadata: one(1, listMeta),
  status: string(2),
  message: string(3),
  reason: string(4),
  details: optional(one(5, statusDetails)),
  code: int32(6),
});
