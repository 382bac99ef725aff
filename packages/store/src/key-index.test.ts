import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyIndex } from "./key-index.ts";

/** Few different words, so that many keys have neighbouring places. */
const anyKey = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.constant(0), fc.nat({ max: 3 }));

test("after any entries and removals the index finds what a map would", () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 400 }), (keys) => {
      const index = new KeyIndex();
      index.resize(400);
      const model = new Map<string, number>();
      for (const [row, key] of keys.entries()) {
        const known = model.get(key.join());
        if (known === undefined) {
          index.add(row, Uint32Array.from(key));
          model.set(key.join(), row);
        } else {
          index.remove(known);
          model.delete(key.join());
        }
      }
      for (const key of keys)
        expect(index.find(Uint32Array.from(key))).toBe(model.get(key.join()) ?? -1);
    }),
  );
});

test("an index that has been emptied takes no more room than a new one", () => {
  const index = new KeyIndex();
  index.resize(5000);
  const { bytes } = index;
  for (let row = 0; row < 5000; row++) index.add(row, Uint32Array.of(row, 0, 0, 0));
  expect(index.bytes).toBeGreaterThan(bytes);
  for (let row = 0; row < 5000; row++) index.remove(row);
  expect(index.bytes).toBe(bytes);
});
