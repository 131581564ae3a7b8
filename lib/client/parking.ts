import type { ClientEnvironment, PageEvent } from "./environment";
import type { ParkReason } from "./ladder-state";

/** A page that has been hidden for this long parks (C3), ms. */
const HIDDEN_MS = 60_000;

interface ParkingEvents {
  park(reason: ParkReason): void;
  unpark(reason: ParkReason): void;
}

/**
 * Turns what happens to the page into named reasons to park (C3). `reasons` hold already; `stop` ends it.
 */
export function watchParking(
  environment: ClientEnvironment,
  { park, unpark }: ParkingEvents,
): { reasons: ParkReason[]; stop: () => void } {
  let cancelHidden = () => {};
  const hide = () => {
    cancelHidden();
    cancelHidden = environment.after(HIDDEN_MS, () => environment.isKiosk() || park("hidden"));
  };
  const handlers: Record<PageEvent, () => void> = {
    // A socket goes silent without closing when the network is gone, so it is left at once.
    offline: () => park("offline"),
    online: () => unpark("offline"),
    hidden: hide,
    visible: () => {
      cancelHidden();
      unpark("hidden");
    },
    freeze: () => park("frozen"),
    resume: () => unpark("frozen"),
    // Whether the page goes into the back/forward cache or away for good, nothing may stay open.
    pagehide: () => park("bfcache"),
    pageshow: () => unpark("bfcache"),
  };
  const events = Object.keys(handlers) as PageEvent[];
  const offs = events.map((event) => environment.on(event, handlers[event]));
  if (!environment.isVisible()) hide();
  return {
    reasons: environment.isOnline() ? [] : ["offline"],
    stop() {
      cancelHidden();
      for (const off of offs) off();
    },
  };
}
