import { describe } from "vitest";
import { startLeaseBackend } from "./lease-backend.ts";
import { sharedRegistry } from "./registry.suite.ts";

describe("a registry of Leases", () => sharedRegistry(startLeaseBackend));
