import { renderer } from "@kube-state-mosaic/metric-families";
import { decodeJson } from "@kube-state-mosaic/wire";
import type { InvalidValue } from "./amount.ts";
import { type DefinedResource, withReport } from "./define-resource.ts";

export interface RenderObjectOptions {
  /** As `--metric-labels-allowlist` gives them to the resource; default: none. */
  readonly labelsAllowList?: readonly string[];
  readonly annotationsAllowList?: readonly string[];
  /** Told of values that cannot be read. */
  readonly onInvalid?: (value: InvalidValue) => void;
}

/**
 * The sample lines of one object in JSON form, as the exposition has them, opt-in families included. For the tests of a module.
 * Throws an ExporterError `WIRE_INVALID` naming the field where the object is not what the schema says.
 */
export function renderObject<T>(
  resource: DefinedResource<T>,
  object: unknown,
  options: RenderObjectOptions = {},
): string {
  const { labelsAllowList = [], annotationsAllowList = [], onInvalid = () => undefined } = options;
  const { render } = renderer(
    withReport(resource, onInvalid),
    { labelsAllowList, annotationsAllowList },
    () => true,
  );
  return render(decodeJson(resource.schema, object)).join("");
}
