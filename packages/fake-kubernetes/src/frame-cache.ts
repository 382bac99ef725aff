/** Encoded events shared by all watchers of one collection; the oldest are forgotten first. */
export class FrameCache {
  readonly #frames = new Map<object, Map<string, Buffer>>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The frame of an event in one form, made at most once while it is remembered. */
  get(event: object, form: string, make: () => Buffer): Buffer {
    let forms = this.#frames.get(event);
    if (forms === undefined) {
      forms = new Map();
      this.#frames.set(event, forms);
      if (this.#frames.size > this.#capacity) {
        const [oldest] = this.#frames.keys();
        if (oldest !== undefined) this.#frames.delete(oldest);
      }
    }
    let frame = forms.get(form);
    if (frame === undefined) {
      frame = make();
      forms.set(form, frame);
    }
    return frame;
  }
}
