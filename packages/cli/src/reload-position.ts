import { isMap, isScalar, LineCounter, parseDocument } from "yaml";

/**
 * A problem of a config file with the place it is about: `config.yaml:3:1: resources: …`, or the file alone where the place is not
 * known. Lines and columns count from 1.
 */
export function positioned(
  problem: string,
  { path, text }: { path: string; text: string },
): string {
  const syntax = / at line (\d+), column (\d+):?$/.exec(problem);
  if (syntax !== null) {
    const [place, line, column] = syntax;
    return `${path}:${line}:${column}: ${withoutFlag(problem.slice(0, -place.length))}`;
  }
  const key = /^(\w+): .*\(in .*\)/s.exec(problem)?.[1];
  const place = key === undefined ? undefined : placeOf(key, text);
  return `${path}${place ?? ""}: ${withoutFlag(problem).replace(` (in ${path})`, "")}`;
}

/** Where the key stands at the top of the file. */
function placeOf(key: string, text: string): string | undefined {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { schema: "failsafe", lineCounter });
  if (!isMap(contents)) return undefined;
  for (const { key: node } of contents.items) {
    if (!isScalar(node) || node.value !== key || !node.range) continue;
    const { line, col } = lineCounter.linePos(node.range[0]);
    return `:${line}:${col}`;
  }
  return undefined;
}

function withoutFlag(problem: string): string {
  return problem.replace(/^(?:--config=|KUBE_STATE_MOSAIC_CONFIG=).*?: (?=not YAML)/, "");
}
