/**
 * Our store against the plain way, each in a process of its own: `node --expose-gc run.ts [pods] [scrapes]`.
 * 20,000 pods and 4 scrapes a churn unless told otherwise.
 */
import { measureSide } from "./compare.ts";
import { mosaicSide } from "./mosaic-store.ts";
import { plainSide } from "./plain-side.ts";
import { measure } from "./scenarios.ts";

const [pods = "20000", scrapes = "4", ...sides] = process.argv.slice(2);
const all = ["mosaic-64", "mosaic-32", "plain"];

if (sides.length === 1 && process.env["BENCH_CHILD"] !== undefined) {
  const [kind, rows] = (sides[0] ?? "").split("-");
  const side = kind === "plain" ? plainSide() : mosaicSide({ groupRows: Number(rows) });
  console.log(
    JSON.stringify(await measure(side, { pods: Number(pods), scrapes: Number(scrapes) })),
  );
} else {
  const results: Record<string, Record<string, string>> = {};
  for (const side of sides.length > 0 ? sides : all)
    for (const [name, value] of Object.entries(
      measureSide(side, { pods: Number(pods), scrapes: Number(scrapes) }),
    ))
      (results[name] ??= {})[side] = value.toLocaleString("en");
  console.log(`${Number(pods).toLocaleString("en")} pods, a gzip scrape every 3,750 changes`);
  console.table(results);
}
