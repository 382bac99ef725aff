import { expect, test } from "vitest";
import {
  acceptsGzip,
  negotiate,
  negotiateTextOnly,
  prefersGzip,
  textContentType,
} from "./negotiation.ts";

const text = { format: "text", contentType: "text/plain; version=0.0.4; charset=utf-8" };

function openMetrics(version: string, escaping: string) {
  const contentType = `application/openmetrics-text; version=${version}; charset=utf-8; escaping=${escaping}`;
  return { format: "openmetrics", contentType };
}

const protobuf =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

test.each([
  [undefined, text],
  [null, text],
  ["", text],
  ["*/*", text],
  ["*", text],
  ["text/*", text],
  ["application/json", text],
  ["text/plain", text],
  ["text/plain;version=0.0.4;q=0.5,*/*;q=0.1", text],
  ["application/openmetrics-text", openMetrics("0.0.1", "underscores")],
  ["application/openmetrics-text;version=0.0.1", openMetrics("0.0.1", "underscores")],
  ["application/openmetrics-text;version=1.0.0", openMetrics("1.0.0", "underscores")],
  ["application/openmetrics-text; version=1.0.0; escaping=values;", openMetrics("1.0.0", "values")],
  ["application/openmetrics-text;version=0.0.4", text],
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    openMetrics("1.0.0", "allow-utf-8"),
  ],
  [
    "text/plain;version=0.0.4;q=0.3,application/openmetrics-text;version=1.0.0;q=0.7",
    openMetrics("1.0.0", "underscores"),
  ],
  [`${protobuf};q=0.7,application/openmetrics-text;version=1.0.0;q=0.6`, text],
  [
    "application/vnd.google.protobuf,application/openmetrics-text;version=1.0.0",
    openMetrics("1.0.0", "underscores"),
  ],
  ["text/plain;version=0.0.4,application/openmetrics-text", text],
  ["application/openmetrics-text,text/plain", openMetrics("0.0.1", "underscores")],
  ["text/plain;q=much,application/openmetrics-text;q=0.1", openMetrics("0.0.1", "underscores")],
  ["a/b;escaping=dots,application/openmetrics-text", openMetrics("0.0.1", "dots")],
  ["application/openmetrics-text;escaping=unknown", openMetrics("0.0.1", "underscores")],
  ["a/b/c,application/openmetrics-text;version=1=2", openMetrics("0.0.1", "underscores")],
  [";;=,,/", text],
])("Accept %s is answered accordingly", (accept, expected) => {
  expect(negotiate(accept)).toEqual(expected);
});

test.each([
  [undefined, "underscores"],
  [
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,text/plain;q=0.5",
    "allow-utf-8",
  ],
  ["text/plain,a/b;escaping=dots;q=0.5", "underscores"],
])("where only text is offered, Accept %s gives the escaping %s", (accept, escaping) => {
  expect(negotiateTextOnly(accept)).toBe(`${textContentType}; escaping=${escaping}`);
});

test.each([
  [undefined, false, false],
  ["", false, false],
  ["gzip", true, true],
  ["deflate, gzip;q=0.5", true, true],
  ["gzip;q=0", true, false],
  ["*", false, false],
  ["gzip, *", true, false],
  ["identity, gzip", true, false],
  ["identity;q=0.5, gzip", true, true],
  ["identity;q=0, *", false, true],
  ["gzipped", false, false],
  ["br, zstd", false, false],
])("Accept-Encoding %s: gzip accepted %s, preferred %s", (header, accepted, preferred) => {
  expect([acceptsGzip(header), prefersGzip(header)]).toEqual([accepted, preferred]);
});

const delimited =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

test.each([
  [`${delimited},application/openmetrics-text;version=1.0.0;q=0.5`, "text", "openmetrics"],
  ["application/openmetrics-text;version=1.0.0;q=0", "openmetrics", "text"],
  ["text/plain;q=0,application/openmetrics-text;q=0.1", "openmetrics", "openmetrics"],
  [delimited, "text", "text"],
])("%s is %s as the reference reads it, and %s strictly", (accept, asReference, strictly) => {
  expect(negotiate(accept).format).toBe(asReference);
  expect(negotiate(accept, true).format).toBe(strictly);
});
