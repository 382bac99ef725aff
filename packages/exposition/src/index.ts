// Writing
export { compareBytes } from "./byte-order.ts";
export { escapeHelp, escapeLabelValue } from "./escape.ts";
export {
  endOfOpenMetrics,
  familyHeader,
  type ExpositionFormat,
  type HeaderFields,
  type MetricType,
} from "./family-header.ts";
export { formatValue } from "./format-value.ts";
export { kubernetesLabels, sanitizeLabelName } from "./label-name.ts";

// Negotiating
export {
  acceptsGzip,
  negotiate,
  negotiateTextOnly,
  prefersGzip,
  textContentType,
  type Negotiated,
} from "./negotiation.ts";

// Reading
export { parseExposition, type ParsedFamily } from "./parse-exposition.ts";
export type { ParsedSample } from "./parse-sample.ts";
