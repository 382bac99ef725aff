/** Where a registry lies in Redis. */
export interface RedisKeys {
  /** String: the layout state. */
  readonly layout: string;
  /** Hash: ordinal → what that member says. */
  readonly members: string;
  /** Messages say that something has changed. */
  readonly channel: string;
}

/** The keys of the registry of this name; in one slot of a Redis Cluster, since scripts use two of them. */
export function redisKeys(name: string): RedisKeys {
  const prefix = `kube-state-mosaic:{${name}}`;
  return {
    layout: `${prefix}:layout`,
    members: `${prefix}:members`,
    channel: `${prefix}:changes`,
  };
}
