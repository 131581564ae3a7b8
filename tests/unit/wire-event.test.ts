import fc from "fast-check";
import { expect, it } from "vitest";
import { wireEvent } from "@/lib/server/transports/wire-event";
import type { Frame } from "@/lib/shared/protocol";

/** Takes a WebSocket frame apart as RFC 6455, 5.2 draws it. */
function parse(bytes: Buffer): { first: number; isMasked: boolean; payload: Buffer } {
  const short = bytes[1]! & 0x7f;
  const [offset, length] =
    short < 126
      ? [2, short]
      : short === 126
        ? [4, bytes.readUInt16BE(2)]
        : [10, Number(bytes.readBigUInt64BE(2))];
  expect(bytes.length).toBe(offset + length);
  return { first: bytes[0]!, isMasked: (bytes[1]! & 0x80) !== 0, payload: bytes.subarray(offset) };
}

/** A frame whose event is `length` bytes long as text. */
function frameOf(length: number): Frame {
  const empty = `42["frame",${JSON.stringify({ to: "" })}]`.length;
  return { to: "x".repeat(length - empty) };
}

it.each([100, 125, 126, 127, 65_535, 65_536, 65_537, 1_000_000])(
  "[T1] is one whole text frame of %d bytes",
  (length) => {
    const frame = frameOf(length);
    const { first, isMasked, payload } = parse(wireEvent(frame));
    expect(first).toBe(0x81);
    expect(isMasked).toBe(false);
    expect(payload.length).toBe(length);
    expect(payload.toString()).toBe(`42["frame",${JSON.stringify(frame)}]`);
  },
);

it("[T1] counts bytes, not characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (page) => {
      const frame: Frame = { to: "a.1-0", updates: [{ id: "1-0", ch: "visits", items: [{ page }] }] };
      const { payload } = parse(wireEvent(frame));
      expect(JSON.parse(payload.toString().slice(2))).toEqual(["frame", frame]);
    }),
  );
});
