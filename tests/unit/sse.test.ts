import { createParser, type EventSourceMessage } from "eventsource-parser";
import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeEvent, encodeRetry } from "@/lib/shared/sse";

/** What a reader written by others makes of the text, cut into pieces as a network would. */
function parse(text: string, cuts: number[] = []) {
  const events: EventSourceMessage[] = [];
  let retry: number | undefined;
  const parser = createParser({
    onEvent: (event) => void events.push(event),
    onRetry: (ms) => {
      retry = ms;
    },
  });
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) parser.feed(text.slice(places[i - 1], places[i]));
  return { events, retry };
}

// Everything that means something in the format, and some that does not.
const data = fc
  .array(
    fc.oneof(
      fc.constantFrom("\r\n", "\r", "\n", "data:", ":", " ", "id: 1", "event: x", "\u2028", "\0", "\u{feff}"),
      fc.string({ unit: "binary" }),
    ),
  )
  .map((parts) => parts.join(""));
const name = fc.constantFrom("frame", "beat");
const id = fc.constantFrom(undefined, "abc.1-0", "abc.1700000000000-12");

it("[T2] arrives as it was sent, whatever is in it and however the network cuts it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ event: name, id, data }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat()),
      (sent, cuts) => {
        const { events } = parse(sent.map(encodeEvent).join(""), cuts);
        // A reader joins lines with LF, so line ends of other kinds arrive as LF; JSON text has none.
        expect(events.map(({ event, id, data }) => ({ event, id, data }))).toEqual(
          sent.map((event) => ({ ...event, data: event.data.replace(/\r\n|\r/g, "\n") })),
        );
      },
    ),
    { numRuns: 500 },
  );
});

it("[T2] brings JSON through unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const text = JSON.stringify(value);
      expect(parse(encodeEvent({ event: "frame", id: "abc.1-0", data: text })).events[0]!.data).toBe(text);
    }),
  );
});

it("[T2] lets no data end the event, become an id or start another event", () => {
  const { events } = parse(
    encodeEvent({ event: "frame", id: "abc.1-0", data: "x\n\nevent: evil\rid: evil.9-9\r\ndata: y" }),
  );
  expect(events).toEqual([
    { event: "frame", id: "abc.1-0", data: "x\n\nevent: evil\nid: evil.9-9\ndata: y" },
  ]);
});

it("[T2] gives even an event of no words data, as one with only an id never reaches JavaScript", () => {
  expect(parse(encodeEvent({ event: "beat", id: "abc.1-0", data: "" })).events).toEqual([
    { event: "beat", id: "abc.1-0", data: "" },
  ]);
});

it("[T2] says how long to wait before connecting again, in whole milliseconds and without an event", () => {
  expect(parse(encodeRetry(2000.4))).toEqual({ events: [], retry: 2000 });
});
