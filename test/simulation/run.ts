import { parseArgs } from "node:util";
import { simulate } from "./simulation.ts";
import type { Variant } from "./variant.ts";

// One seed with its trace, or a range of seeds with what went wrong.
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "0" },
    seeds: { type: "string", default: "1" },
    trace: { type: "boolean", default: false },
    variant: { type: "string", default: "protocol" },
  },
});

const first = Number(values.seed);
const started = performance.now();
const totals = { answers: 0, flagged: 0, refused: 0, epochs: 0, seconds: 0 };
const failing: number[] = [];
for (let seed = first; seed < first + Number(values.seeds); seed++) {
  const trace = values.trace ? console.log : () => {};
  const outcome = simulate({ seed, variant: values.variant as Variant, trace });
  totals.answers += outcome.answers;
  totals.flagged += outcome.flagged;
  totals.refused += outcome.refused;
  totals.epochs += outcome.epochs;
  totals.seconds += outcome.duration;
  if (outcome.violations.length === 0) continue;
  failing.push(seed);
  const [violation] = outcome.violations;
  console.log(`seed ${seed}: ${JSON.stringify(violation)}`);
}
console.log(
  totals,
  `${failing.length} seeds failed, ${(performance.now() - started).toFixed(0)} ms`,
);
process.exitCode = failing.length === 0 ? 0 : 1;
