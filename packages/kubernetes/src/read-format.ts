/** How much of each object is asked for. Only `full` ever brings values of Secrets and ConfigMaps over the wire. */
export type Reads = "full" | "metadata" | "table";

const PROTOBUF = "application/vnd.kubernetes.protobuf";
const JSON_TYPE = "application/json";

/** The Accept header of one resource; remembers that its server does not do protobuf. */
export class ReadFormat {
  readonly reads: Reads;
  #protobuf: boolean;

  /** Custom resources are never served as protobuf, table rows only as JSON. */
  constructor(reads: Reads, protobuf: boolean) {
    this.reads = reads;
    this.#protobuf = protobuf && reads !== "table";
  }

  /** Clauses in order of preference: the server takes the first that fits. */
  accept(verb: "list" | "watch"): string {
    const types = this.#protobuf ? [PROTOBUF, JSON_TYPE] : [JSON_TYPE];
    const kind = `PartialObjectMetadata${verb === "list" ? "List" : ""}`;
    const as = { full: "", metadata: `;as=${kind};v=v1;g=meta.k8s.io`, table: TABLE }[this.reads];
    return types.map((type) => `${type}${as}`).join(",");
  }

  /** The same server asked for metadata only. */
  metadataOnly(): ReadFormat {
    return new ReadFormat("metadata", this.#protobuf);
  }

  /** After a 406: whether asking again, for JSON only, makes sense. */
  withoutProtobuf(): boolean {
    const had = this.#protobuf;
    this.#protobuf = false;
    return had;
  }
}

const TABLE = ";as=Table;v=v1;g=meta.k8s.io";
