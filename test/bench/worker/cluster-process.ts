import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Answer, Order } from "./serve-cluster.ts";

/** A synthetic cluster in a process of its own: its CPU and memory are not the worker's. */
export class ClusterProcess implements AsyncDisposable {
  readonly pods: number;
  readonly kubeconfig: string;
  readonly #child: ChildProcess;

  private constructor(pods: number, child: ChildProcess, kubeconfig: string) {
    this.pods = pods;
    this.#child = child;
    this.kubeconfig = kubeconfig;
  }

  static async start(pods: number): Promise<ClusterProcess> {
    const script = fileURLToPath(new URL("serve-cluster.ts", import.meta.url));
    const child = fork(script, [String(pods)]);
    const [first] = (await once(child, "message")) as [Answer];
    if (!("kubeconfig" in first)) throw new Error("the cluster did not say where it is");
    return new ClusterProcess(pods, child, first.kubeconfig);
  }

  /** Changes pods like this from now on; answers how many changes the order before has made. */
  async order(order: Order): Promise<number> {
    const answered = once(this.#child, "message");
    this.#child.send(order);
    const [answer] = (await answered) as [Answer];
    return "changes" in answer ? answer.changes : 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.disconnect();
    await ended;
  }
}
