const FALLBACK = "en";
/** More than any browser sends; the rest of a hostile header is not read. */
const MAX_HEADER = 200;

/** The viewer's time zone, told by the browser on an earlier visit. */
export const TIME_ZONE_COOKIE = "nowboard-tz";

/** Whose conventions a page is rendered in: both values come from the request, so neither is trusted. */
export function viewerPlace(acceptLanguage: string | null, timeZone: string | undefined) {
  return { locale: localeOf(acceptLanguage), timeZone: knownTimeZone(timeZone) };
}

/** The first language of an Accept-Language header that `Intl` knows, by quality. */
function localeOf(header: string | null): string {
  const wishes = (header ?? "")
    .slice(0, MAX_HEADER)
    .split(",")
    .map((part) => {
      const [tag = "", quality] = part.trim().split(/\s*;\s*q=/i);
      return { tag, quality: quality === undefined ? 1 : Number(quality) };
    })
    // Only language, script and region: extensions could change calendars and digits.
    .filter(({ tag, quality }) => quality > 0 && /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/i.test(tag))
    .sort((a, b) => b.quality - a.quality);
  return Intl.NumberFormat.supportedLocalesOf(wishes.map(({ tag }) => tag))[0] ?? FALLBACK;
}

/** The time zone of this name, if `Intl` knows it. */
export function knownTimeZone(name: string | undefined): string | undefined {
  if (!name || name.length > 64) return undefined;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
