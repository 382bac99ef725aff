import type { ReflectorObserver } from "@kube-state-mosaic/kubernetes";
import type { Resource } from "@kube-state-mosaic/metric-families";
import type { Logger, MosaicMetrics, ReferenceMetrics } from "@kube-state-mosaic/telemetry";

/** Told what happens to one stream. */
export type StreamObserver = Required<
  Pick<
    ReflectorObserver,
    "onList" | "onWatch" | "onRelist" | "onFrameError" | "onDecodeError" | "onState"
  >
>;

/** The type that the reference reads all custom resources as. */
const unstructured = "*unstructured.Unstructured";

/** What is observed; `objects` is the number of rows at this moment, `objectLimit` 0 for none. */
export interface ObservedStream {
  readonly objectLimit: number;
  readonly resource: Resource<never>;
  readonly namespace: string | undefined;
  readonly objects: () => number;
}

/** The self metrics and log lines of a stream's list/watch; the reference's metrics name the resource by its Go type, `*v1.Pod`. */
export function observeStream(
  { resource, namespace, objects, objectLimit }: ObservedStream,
  metrics: { readonly reference: ReferenceMetrics; readonly mosaic: MosaicMetrics },
  logger: Logger,
): StreamObserver {
  const { reference, mosaic } = metrics;
  const { name } = resource;
  const isCustom = resource.schema.jsonOnly === "whole";
  const goType = isCustom ? unstructured : `*${resource.version}.${resource.kind}`;
  let syncing = true;
  const started = performance.now();
  return {
    onList: (result, listed) => {
      reference.listTotal.add(1, { resource: goType, result });
      if (objectLimit <= 0 || result !== "success") return;
      reference.listObjects.set(listed, { resource: goType });
      reference.listObjectsLimit.set(objectLimit, { resource: goType });
      if (listed < objectLimit) return;
      // A cap that leaves something out is never silent.
      mosaic.listsTruncated.add(1, { resource: name });
      logger.warn("the list reached --object-limit: what comes after it is not shown", {
        resource: name,
        namespace,
        objectLimit,
      });
    },
    onWatch: (result) => reference.watchTotal.add(1, { resource: goType, result }),
    onRelist: (reason) => mosaic.relists.add(1, { resource: name, reason }),
    onFrameError: () => mosaic.frameErrors.add(1, { resource: name }),
    onDecodeError: () => mosaic.decodeErrors.add(1, { resource: name }),
    onState: ({ synced, resourceVersion }) => {
      if (!synced || !syncing) return;
      syncing = false;
      const seconds = ((performance.now() - started) / 1000).toFixed(2);
      logger.info("resource synced", {
        resource: name,
        namespace,
        objects: objects(),
        resourceVersion,
        seconds,
      });
    },
  };
}
