import { describe, expect, it } from "vitest";
import { curlLine } from "@/components/cards/curl-line";
import {
  barTexts,
  caughtUpText,
  countsDown,
  gapTexts,
  isBehind,
  rungText,
  statusLook,
} from "@/components/live/connection-words";
import { downReason } from "@/components/live/down-reason";
import { headline, noticeLook, noticesAfter, noticeTexts } from "@/components/notifications/notice-look";
import { type ConnectionView, INITIAL_VIEW } from "@/lib/client/connection-view";
import type { Gap } from "@/lib/client/gap-ledger";

const place = { locale: "en-GB", timeZone: "Europe/Berlin" };
const NOON = Date.UTC(2026, 0, 1, 11, 3, 41);
const view = (change: Partial<ConnectionView>): ConnectionView => ({
  ...INITIAL_VIEW,
  since: NOON,
  ...change,
});

describe("why a chart has no data", () => {
  const of = (down: Record<string, string>, channels = ["host", "shop", "api"]) =>
    downReason(new Map(channels.map((channel) => [channel, channel.toUpperCase()])), (name) => down[name]);

  it("[C7] is each channel's own reason, said once for those that share it", () => {
    expect(of({ shop: "No answer" }, ["shop"])).toBe("No answer");
    expect(of({ shop: "No answer" })).toBe("SHOP: No answer");
    expect(of({ shop: "No answer", api: "No answer" })).toBe("SHOP, API: No answer");
    expect(of({ host: "Restarting", api: "No answer" })).toBe("HOST: Restarting; API: No answer");
    expect([of({}), of({}, ["shop"])]).toEqual([undefined, undefined]);
  });
});

describe("the connection in words", () => {
  it("has its own word and icon for each state", () => {
    const looks = [
      INITIAL_VIEW,
      ...(["live", "catching-up", "delayed", "reconnecting", "offline"] as const).map((status) =>
        view({ status, transport: "sse" }),
      ),
    ].map(statusLook);
    expect(looks.map(({ word }) => word)).toEqual([
      "Connecting",
      "Live",
      "Catching up",
      "Delayed",
      "Reconnecting",
      "Offline",
    ]);
    expect(new Set(looks.map(({ icon }) => icon)).size).toBe(5);
  });

  it("counts as behind exactly when what is shown may be old", () => {
    const statuses = ["live", "catching-up", "delayed", "reconnecting", "offline"] as const;
    expect(statuses.filter((status) => isBehind(view({ status })))).toEqual([
      "delayed",
      "reconnecting",
      "offline",
    ]);
  });

  it("tells a silent connection from a log that is out of reach", () => {
    const delayed = view({ status: "delayed", transport: "socket" });
    expect(barTexts(delayed, 0, place).since).toBe("The server's log is out of reach since 12:03:41");
    expect(barTexts({ ...delayed, quiet: true }, 0, place).since).toBe(
      "Nothing from the server since 12:03:41",
    );
  });

  it("says since when, what is tried next and when", () => {
    const waiting = view({ status: "reconnecting", trying: ["sse"], nextTryAt: 10_000 });
    expect(barTexts(waiting, 6_200, place)).toEqual({
      since: "No connection since 12:03:41",
      next: "next try in 4\u00a0s",
      way: "SSE",
    });
    expect(barTexts(waiting, 11_000, place).next).toContain("in 0\u00a0s");
    expect(barTexts(view({ status: "reconnecting", trying: ["socket", "sse"] }), 0, place)).toMatchObject({
      next: "trying now",
      way: "WebSocket, SSE",
    });
    expect(barTexts(view({ status: "offline", parked: ["offline"] }), 0, place).since).toBe(
      "This device is offline since 12:03:41",
    );
    expect(barTexts(view({ status: "delayed" }), 0, place).since).toContain("log is out of reach");
  });

  it("[C7] says that it is connected again only over a transport that delivers", () => {
    const catchingUp = view({ status: "catching-up", transport: "socket" });
    expect(barTexts(catchingUp, 0, place)).toEqual({ since: "Connected again", next: "catching up" });
    const racing = view({ status: "catching-up", trying: ["socket", "sse"] });
    expect(barTexts(racing, 0, place)).toEqual({ since: "Connecting again" });
    expect(barTexts(view({ status: "catching-up", parked: ["hidden"] }), 0, place).since).toBe(
      "Connecting again",
    );
  });

  it("[C3] counts down only while a next try is known and told, so that nothing ticks while parked", () => {
    const waiting = view({ status: "reconnecting", trying: ["sse"], nextTryAt: 10_000 });
    expect(countsDown(waiting)).toBe(true);
    for (const still of [
      view({ status: "reconnecting", trying: ["sse"] }),
      view({ status: "offline", parked: ["offline"] }),
      view({ status: "delayed", trying: ["sse"], nextTryAt: 10_000 }),
      view({ status: "delayed", transport: "sse" }),
      view({ status: "catching-up", parked: ["hidden"] }),
    ]) {
      expect(countsDown(still)).toBe(false);
      expect(barTexts(still, 0, place)).toEqual(barTexts(still, 5000, place));
    }
    expect(barTexts(waiting, 0, place)).not.toEqual(barTexts(waiting, 5000, place));
  });

  it("says what became of each transport", () => {
    const live = view({ status: "live", transport: "long-poll" });
    const trials = [
      { at: NOON - 9000, rung: "sse", outcome: "delivered" },
      { at: NOON - 5000, rung: "socket", outcome: "opened" },
      { at: NOON, rung: "socket", outcome: "failed", message: "The upgrade was refused" },
      { at: NOON + 1000, rung: "sse", outcome: "closed" },
    ] as const;
    const texts = (now: ConnectionView) =>
      (["socket", "sse", "long-poll", "poll"] as const).map((rung) => rungText(rung, now, trials, place));
    expect(texts(live)).toEqual([
      "failed at 12:03:41: The upgrade was refused",
      "worked at 12:03:32",
      "in use",
      "not needed",
    ]);
    expect(rungText("socket", view({ trying: ["socket"] }), trials, place)).toBe("trying now");
    expect(rungText("socket", view({ trying: ["socket"], nextTryAt: 5 }), trials, place)).toBe("next");
  });

  it("says what was caught up", () => {
    const gap: Gap = {
      from: NOON,
      to: NOON + 41_000,
      why: "closed",
      transport: "socket",
      missed: 214,
      healed: "replay",
    };
    const count = (number: number) => String(number);
    expect(caughtUpText(gap, count)).toBe("Caught up, 214 updates");
    expect(caughtUpText({ ...gap, missed: 1 }, count)).toBe("Caught up, 1 update");
    expect(caughtUpText(undefined, count)).toBe("Caught up");
    expect(caughtUpText({ ...gap, missed: 0 }, count)).toBe("Caught up, nothing was missed");
    expect(caughtUpText({ ...gap, healed: "snapshot" }, count)).toBe("Caught up with a fresh snapshot");
    expect(gapTexts(gap, place)).toEqual({
      when: "12:03:41–12:04:22, 41\u00a0s",
      why: "the connection was closed (WebSocket)",
      outcome: "214 updates caught up",
    });
    expect(gapTexts({ ...gap, to: undefined }, place)).toMatchObject({
      when: "since 12:03:41",
      outcome: "not over yet",
    });
  });
});

describe("notices", () => {
  const items = ["1-0.0", "2-0.0", "3-0.0"].map((key) => ({ key, ts: 1, item: {} }));

  it("are new when they came after the last one read, or when that one has left the feed", () => {
    expect(noticesAfter(items, "2-0.0").map(({ key }) => key)).toEqual(["3-0.0"]);
    expect(noticesAfter(items, "3-0.0")).toEqual([]);
    expect(noticesAfter(items, "0-1.0")).toHaveLength(3);
    expect(noticesAfter([], undefined)).toEqual([]);
  });

  it("are led by the newest of the most urgent ones", () => {
    const levels = ["bad", "info", "bad", "attention"];
    const several = levels.map((level, i) => ({ key: `${i}-0.0`, ts: i, item: { level } }));
    expect(headline(several)?.key).toBe("2-0.0");
    expect(headline(several.slice(1, 2))?.key).toBe("1-0.0");
    expect(headline([])).toBeUndefined();
  });

  it("have an icon and a word for each level, known or not, and always a title", () => {
    expect(
      ["good", "attention", "bad", "info", "toString", null].map((level) => noticeLook(level).word),
    ).toEqual(["Good news", "Attention", "Bad news", "Info", "Info", "Info"]);
    const texts = (item: Record<string, string>) => noticeTexts({ key: "1-0.0", ts: 1, item });
    expect(texts({ title: "A", text: "b" })).toEqual({ title: "A", text: "b" });
    expect(texts({ text: "b" })).toEqual({ title: "b", text: "" });
    expect(texts({}).title).toBe("Notice");
  });
});

it("curlLine quotes what a shell would take for its own", () => {
  expect(curlLine("http://127.0.0.1:3000", "orders", { customer: "O'Neil", amount: 4.5 })).toBe(
    `curl http://127.0.0.1:3000/api/ingest/orders -H 'content-type: application/json' -d '{"customer":"O'\\''Neil","amount":4.5}'`,
  );
});
