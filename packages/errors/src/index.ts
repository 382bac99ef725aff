export { ExporterError, messageOf } from "./exporter-error.ts";
