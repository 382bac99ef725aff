import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { apiServerSuite } from "../../packages/fake-kubernetes/test/api-server.suite.ts";
import { sharedCluster } from "./environment.ts";

const cluster = sharedCluster();

// The same suite holds the in-process API server to this one.
describe.skipIf(cluster === undefined)("the real API server", () => {
  apiServerSuite(
    "behaves as the exporter and its in-process server take for granted",
    async () => ({
      baseUrl: cluster!.url,
      headers: { authorization: `Bearer ${cluster!.token}` },
      ca: readFileSync(cluster!.caFile, "utf8"),
      honoursShardSelector: false,
    }),
  );
});
