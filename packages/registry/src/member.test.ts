import { describe, expect, test } from "vitest";
import { parseMember, serialiseMember, type MemberRecord } from "./member.ts";

const record: MemberRecord = {
  address: "http://10.0.0.1:8080",
  incarnation: "a1",
  image: "mosaic:1",
  supports: ["fnv1a64", "slots-v1"],
  config: "c0ffee",
  views: { 8: "serving", 9: "building" },
  floor: 9,
  leaving: true,
  deadline: 1_700_000_000_000,
  reason: "pods: listing",
};

describe("the record of a member", () => {
  test("is read back as it was written", () => {
    expect(parseMember(serialiseMember(record))).toEqual(record);
    const lasting = { ...record, deadline: undefined };
    expect(parseMember(serialiseMember(lasting))).toEqual(lasting);
  });

  test.each([1, 500, 2_000, 100_000])(
    "of a reason of %i characters has at most 1,024 bytes and loses only of that",
    (length) => {
      for (const character of ["x", "ü", "漢", "\n", "😀"]) {
        const text = serialiseMember({ ...record, reason: character.repeat(length) });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_024);
        expect(parseMember(text)).toMatchObject({ ...record, reason: expect.any(String) });
      }
    },
  );

  test("keeps a short reason whole, and the beginning of a long one", () => {
    expect(parseMember(serialiseMember(record))?.reason).toBe("pods: listing");
    const long = parseMember(serialiseMember({ ...record, reason: `pods: ${"x".repeat(5_000)}` }));
    expect(long?.reason).toMatch(/^pods: x{300,}…$/);
  });

  test("that is too large without its reason is refused", () => {
    const large = { ...record, image: "x".repeat(1_100) };
    expect(() => serialiseMember(large)).toThrow(
      expect.objectContaining({ code: "MEMBER_TOO_LARGE" }),
    );
  });

  test.each([undefined, "", "{", "null", "[]", "7", '"text"'])("is none in %j", (text) => {
    expect(parseMember(text)).toBeUndefined();
  });

  test("of another image is read as far as it is understood", () => {
    const text = JSON.stringify({
      address: 7,
      incarnation: null,
      supports: ["fnv1a64", 8],
      views: { 3: "ready", 4: "dreaming" },
      leaving: "yes",
      floor: "high",
      deadline: "soon",
      extra: true,
    });
    expect(parseMember(text)).toEqual({
      address: "",
      incarnation: "",
      image: "",
      supports: ["fnv1a64"],
      config: "",
      views: { 3: "ready" },
      leaving: false,
      floor: 0,
      deadline: undefined,
      reason: "",
    });
  });
});
