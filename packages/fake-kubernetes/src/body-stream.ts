import type { ServerResponse } from "node:http";
import type { Fault } from "./faults.ts";

/**
 * The body of one response, on its way through the faults that concern bytes.
 * `write` answers false when the client does not keep up; go on after `drained`.
 */
export class BodyStream {
  readonly #response: ServerResponse;
  #cut: { readonly at: number; readonly how: "end" | "close" | "reset" | "stall" } | undefined;
  readonly #pieceSize: number;
  readonly #pieces: Buffer[] = [];
  #pumping = false;
  #endWanted = false;
  #sent = 0;
  #dead = false;

  constructor(response: ServerResponse, faults: readonly Fault[]) {
    this.#response = response;
    this.#pieceSize = 0;
    for (const fault of faults) {
      if (fault.kind === "cut") this.#cut = { at: fault.afterBytes, how: fault.how };
      if (fault.kind === "stall") this.#cut = { at: fault.afterBytes, how: "stall" };
      if (fault.kind === "split") this.#pieceSize = fault.bytes;
    }
    response.on("close", () => {
      this.#dead = true;
    });
  }

  /** True once nothing more can be sent: closed by the client, or by a fault. */
  get closed(): boolean {
    return this.#dead;
  }

  /** Bytes of the body so far. */
  get bytes(): number {
    return this.#sent;
  }

  write(chunk: Buffer): boolean {
    if (this.#dead || chunk.length === 0) return true;
    const { kept, cut } = this.#keep(chunk);
    this.#sent += kept.length;
    let flowing = true;
    if (this.#pieceSize > 0) {
      for (let start = 0; start < kept.length; start += this.#pieceSize)
        this.#pieces.push(kept.subarray(start, start + this.#pieceSize));
      this.#pump();
      flowing = this.#pieces.length < 1000;
    } else if (kept.length > 0) {
      flowing = this.#response.write(kept);
    }
    if (cut) this.#interrupt();
    return flowing;
  }

  /** Settles when the client has taken what was written, or is gone. */
  async drained(): Promise<void> {
    if (this.#dead || !this.#response.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#response.off("drain", done);
        this.#response.off("close", done);
        resolve();
      };
      this.#response.on("drain", done);
      this.#response.on("close", done);
    });
  }

  end(): void {
    if (this.#dead) return;
    if (this.#cut !== undefined && this.#cut.at <= this.#sent) {
      this.#interrupt();
      return;
    }
    this.#endWanted = true;
    if (this.#pieces.length === 0) this.#response.end();
  }

  /** Breaks the connection now, whatever is under way. */
  break(how: "end" | "close" | "reset" | "stall"): void {
    this.#cut = { at: this.#sent, how };
    this.#interrupt();
  }

  #keep(chunk: Buffer): { readonly kept: Buffer; readonly cut: boolean } {
    if (this.#cut === undefined || this.#sent + chunk.length < this.#cut.at)
      return { kept: chunk, cut: false };
    return { kept: chunk.subarray(0, Math.max(0, this.#cut.at - this.#sent)), cut: true };
  }

  #interrupt(): void {
    if (this.#pieces.length > 0) return;
    const how = this.#cut?.how ?? "end";
    this.#dead = true;
    if (how === "stall") return;
    if (how === "end") {
      this.#response.end();
      return;
    }
    // What was written must leave before the connection does, or the cut would come earlier than asked for.
    this.#response.write("", () => {
      const { socket } = this.#response;
      if (socket === null) return;
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroySoon();
    });
  }

  /** One piece a turn of the event loop, so that they arrive apart. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    const next = (): void => {
      const piece = this.#pieces.shift();
      if (piece === undefined) {
        this.#pumping = false;
        if (this.#cut !== undefined && this.#cut.at <= this.#sent) this.#interrupt();
        else if (this.#endWanted) this.#response.end();
        return;
      }
      this.#response.write(piece, () => setImmediate(next));
    };
    setImmediate(next);
  }
}
