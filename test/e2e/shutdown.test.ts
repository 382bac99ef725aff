import { describe, expect, test } from "vitest";
import { sharedCluster } from "./environment.ts";
import { Exporter } from "./exporter.ts";

const cluster = sharedCluster();
describe.skipIf(cluster === undefined)("shutting down", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends a worker with code 0", async (signal) => {
    await using worker = await Exporter.start([`--kubeconfig=${cluster!.kubeconfigPath}`]);
    await worker.ready();
    worker.daemon.kill(signal);
    expect(await worker.daemon.exited).toEqual({ code: 0, signal: null });
  });

  test("SIGTERM ends a worker that is still starting with code 0", async () => {
    await using worker = await Exporter.start([`--kubeconfig=${cluster!.kubeconfigPath}`]);
    await worker.daemon.line(/./);
    worker.daemon.kill("SIGTERM");
    expect(await worker.daemon.exited).toEqual({ code: 0, signal: null });
  });

  test("a scrape that is under way when SIGTERM comes is answered whole", async () => {
    await using worker = await Exporter.start([`--kubeconfig=${cluster!.kubeconfigPath}`]);
    await worker.ready();
    const whole = (await worker.scrape()).length;
    const response = await fetch(`${worker.url}/metrics`);
    worker.daemon.kill("SIGTERM");
    // The body is far larger than what the sockets hold, so most of it is sent after the signal.
    expect((await response.text()).length).toBe(whole);
    expect(await worker.daemon.exited).toEqual({ code: 0, signal: null });
  });
});
