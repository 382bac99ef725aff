import { readFileSync } from "node:fs";
import { Agent, request as httpsRequest } from "node:https";
import { ExporterError } from "@kube-state-mosaic/errors";
import { run } from "./run.ts";

/** How to reach a control plane; plain data, to hand to another process. */
export interface Connection {
  /** Of the API server, without a slash at the end. */
  readonly url: string;
  readonly caFile: string;
  /** Bearer token of a member of `system:masters`. */
  readonly token: string;
  /** For the same user. */
  readonly kubeconfigPath: string;
  /** Of etcd's HTTP gateway. */
  readonly etcdUrl: string;
  readonly kubectlPath: string;
  readonly apiserverPid: number;
}

/** One object to be put into etcd, under the API server's key. */
export interface Entry {
  readonly key: string;
  readonly object: object;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Part of etcd's answer. */
interface Range {
  readonly kvs?: readonly { readonly key: string; readonly value: string }[];
}

// etcd takes 128 unless told otherwise.
const entriesPerTransaction = 100;

/** An administrator's hands on a control plane. */
export class ControlPlaneClient implements Connection {
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
  readonly kubeconfigPath: string;
  readonly etcdUrl: string;
  readonly kubectlPath: string;
  readonly apiserverPid: number;
  readonly #agent: Agent;

  constructor(connection: Connection) {
    this.url = connection.url;
    this.caFile = connection.caFile;
    this.token = connection.token;
    this.kubeconfigPath = connection.kubeconfigPath;
    this.etcdUrl = connection.etcdUrl;
    this.kubectlPath = connection.kubectlPath;
    this.apiserverPid = connection.apiserverPid;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 32,
      ca: readFileSync(connection.caFile),
    });
  }

  /** One request to the API server as the administrator, whatever its status; a body is sent as JSON unless `contentType` says otherwise. */
  request(
    path: string,
    options: {
      method?: string;
      body?: object | string;
      contentType?: string;
      accept?: string;
      token?: string;
    } = {},
  ): Promise<Reply> {
    const { method = "GET", body, contentType = "application/json" } = options;
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        this.url + path,
        {
          method,
          agent: this.#agent,
          headers: {
            authorization: `Bearer ${options.token ?? this.token}`,
            accept: options.accept ?? "application/json",
            // The API server pretty-prints for some clients, curl among them.
            "user-agent": "kube-state-mosaic-test",
            // The length of what DELETE sends is not told by itself, and would be read as the next request.
            ...(text === undefined
              ? {}
              : { "content-type": contentType, "content-length": Buffer.byteLength(text) }),
          },
        },
        (response) => {
          let answer = "";
          response.setEncoding("utf8").on("data", (piece: string) => void (answer += piece));
          response.once("end", () => resolve({ status: response.statusCode ?? 0, body: answer }));
          response.once("error", reject);
        },
      );
      request.once("error", reject);
      request.end(text);
    });
  }

  /** As `request`, but answers the object and throws `REQUEST_FAILED` on any status that is not 2xx. */
  async send(
    path: string,
    options: Parameters<ControlPlaneClient["request"]>[1] = {},
  ): Promise<unknown> {
    const reply = await this.request(path, options);
    if (reply.status < 200 || reply.status > 299)
      throw new ExporterError(
        "REQUEST_FAILED",
        `${options.method ?? "GET"} ${path}: ${reply.status}: ${reply.body.slice(0, 500)}`,
        { context: { status: reply.status } },
      );
    return JSON.parse(reply.body);
  }

  /** Runs kubectl as the administrator and returns what it prints; a text is cut into arguments at its spaces. Throws `COMMAND_FAILED` with its error text. */
  kubectl(command: string | readonly string[], input = ""): Promise<string> {
    const args = typeof command === "string" ? command.split(" ") : command;
    const { PATH = "" } = process.env;
    return run(this.kubectlPath, [`--kubeconfig=${this.kubeconfigPath}`, ...args], {
      input,
      // Nothing of the machine's own configuration applies, and the discovery cache stays in our folder.
      env: { PATH, HOME: this.kubeconfigPath.replace(/\/[^/]*$/, "") },
    });
  }

  /** Applies the documents of a YAML (or JSON) text on the server side. */
  apply(yaml: string): Promise<string> {
    return this.kubectl(["apply", "--server-side", "--force-conflicts", "-f", "-"], yaml);
  }

  /** Stores an object as it is, without validation or defaults; `metadata.uid` must be set and `metadata.resourceVersion` left out. The API server serves it in every encoding. */
  async etcdPut(key: string, object: object): Promise<void> {
    await this.#etcd("/v3/kv/put", put({ key, object }));
  }

  /** Stores many objects likewise, a hundred in one transaction. No key may stand twice. */
  async etcdPutAll(entries: Iterable<Entry>): Promise<void> {
    let batch: Entry[] = [];
    const flush = async (): Promise<void> => {
      const success = batch.map((entry) => ({ requestPut: put(entry) }));
      batch = [];
      if (success.length > 0) await this.#etcd("/v3/kv/txn", { success });
    };
    for (const entry of entries) if (batch.push(entry) === entriesPerTransaction) await flush();
    await flush();
  }

  /** The keys that begin with `prefix`, in byte order: `/registry/pods/` gives all pods. */
  async etcdKeys(prefix: string): Promise<readonly string[]> {
    const last =
      prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
    const request = { key: base64(prefix), rangeEnd: base64(last), keysOnly: true };
    const { kvs = [] } = (await this.#etcd("/v3/kv/range", request)) as Range;
    return kvs.map(({ key }) => Buffer.from(key, "base64").toString());
  }

  /** The objects that `etcdPut` put under these keys, `undefined` where there is none or the API server has written it since. At most a hundred keys. */
  async etcdGet(keys: readonly string[]): Promise<readonly (object | undefined)[]> {
    const success = keys.map((key) => ({ requestRange: { key: base64(key) } }));
    const { responses } = (await this.#etcd("/v3/kv/txn", { success })) as {
      responses: readonly { response_range: Range }[];
    };
    return responses.map(({ response_range: { kvs = [] } }) => {
      const [first] = kvs;
      const value = Buffer.from(first?.value ?? "", "base64").toString();
      // The API server stores protobuf, behind these four bytes.
      return value === "" || value.startsWith("k8s\0") ? undefined : (JSON.parse(value) as object);
    });
  }

  /** Removes what stands under a key, past finalizers and admission. */
  async etcdDelete(key: string): Promise<void> {
    await this.#etcd("/v3/kv/deleterange", { key: base64(key) });
  }

  /** Removes what stands under many keys likewise. */
  async etcdDeleteAll(keys: readonly string[]): Promise<void> {
    for (let i = 0; i < keys.length; i += entriesPerTransaction) {
      const batch = keys.slice(i, i + entriesPerTransaction);
      const success = batch.map((key) => ({ requestDeleteRange: { key: base64(key) } }));
      await this.#etcd("/v3/kv/txn", { success });
    }
  }

  /** A real token of an existing ServiceAccount, good for an hour. */
  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: 3600 },
    };
    const reply = (await this.send(path, { method: "POST", body })) as {
      status: { token: string };
    };
    return reply.status.token;
  }

  /** Ends idle connections. */
  close(): void {
    this.#agent.destroy();
  }

  async #etcd(path: string, body: object): Promise<unknown> {
    const response = await fetch(this.etcdUrl + path, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok)
      throw new ExporterError(
        "REQUEST_FAILED",
        `etcd ${path}: ${response.status}: ${text.slice(0, 500)}`,
      );
    return JSON.parse(text);
  }
}

function put({ key, object }: Entry): { key: string; value: string } {
  return { key: base64(key), value: base64(JSON.stringify(object)) };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
