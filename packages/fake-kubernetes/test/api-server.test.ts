import { afterAll } from "vitest";
import { startFakeKubernetes, type FakeKubernetes } from "../src/index.ts";
import { apiServerSuite } from "./api-server.suite.ts";

let fake: FakeKubernetes | undefined;

apiServerSuite("the fake API server", async () => {
  fake = await startFakeKubernetes({ tooLargeVersionWaitSeconds: 0 });
  return { baseUrl: fake.url, headers: {}, honoursShardSelector: true };
});

afterAll(async () => {
  await fake?.close();
});
