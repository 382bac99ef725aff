interface Entry {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

/** Virtual time in milliseconds: what is due runs in the order of its time, and of its entry. */
export class Timeline {
  now = 0;
  #heap: Entry[] = [];
  #order = 0;

  /** Runs after `delay` milliseconds. */
  after(delay: number, run: () => void): void {
    this.#push({ time: this.now + delay, order: this.#order++, run });
  }

  /** Runs again and again, with a pause that is asked for each time, until `isOver`. */
  every(pause: () => number, isOver: () => boolean, run: () => void): void {
    this.after(pause(), () => {
      if (isOver()) return;
      run();
      this.every(pause, isOver, run);
    });
  }

  /** Runs everything up to `time`. */
  runUntil(time: number): void {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.time > time) break;
      this.#pop();
      this.now = first.time;
      first.run();
    }
    this.now = time;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      const left = heap[child];
      if (left === undefined) break;
      const right = heap[child + 1];
      let smaller = left;
      if (right !== undefined && isBefore(right, left)) {
        smaller = right;
        child++;
      }
      if (!isBefore(smaller, last)) break;
      heap[at] = smaller;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}
