import { CodedError } from "@/lib/shared/codes";
import { MAX_CHANNELS, type Subscribe, subscribeSchema } from "@/lib/shared/protocol";

/** Names of the channels that viewers may ask for. */
export type ChannelNames = Pick<ReadonlySet<string>, "has">;

/**
 * Checks what a client asks for, from any transport. Throws `invalid_cursor`, `too_many_channels`,
 * `unknown_channel` or `bad_request`, naming the field.
 */
export function parseSubscribe(input: unknown, known: ChannelNames): Subscribe {
  const { channels } = (input ?? {}) as { channels?: unknown };
  if (Array.isArray(channels) && channels.length > MAX_CHANNELS) {
    throw new CodedError("too_many_channels", `At most ${MAX_CHANNELS} channels may be asked for.`, {
      field: "channels",
    });
  }
  const parsed = subscribeSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = String(issue?.path[0] ?? "channels");
    throw new CodedError(field === "cursor" ? "invalid_cursor" : "bad_request", issue?.message, { field });
  }
  const unique = [...new Set(parsed.data.channels)];
  const unknown = [...unique, ...(parsed.data.fresh ?? [])].find((channel) => !known.has(channel));
  if (unknown !== undefined) {
    throw new CodedError("unknown_channel", `There is no channel "${unknown}".`, { field: "channels" });
  }
  return { ...parsed.data, channels: unique };
}

/** The same from a request's query: `channels=a,b[&cursor=][&fresh=a][&sub=1][&page=/a][&sparse=1]`. */
export function subscribeFromQuery(
  query: URLSearchParams,
  known: ChannelNames,
  cursor = query.get("cursor"),
): Subscribe {
  const sub = query.get("sub");
  const page = query.get("page");
  return parseSubscribe(
    {
      channels: list(query.get("channels")),
      ...(cursor !== null && { cursor }),
      ...(query.has("fresh") && { fresh: list(query.get("fresh")) }),
      ...(sub !== null && { sub: Number(sub) }),
      ...(page !== null && { page }),
      ...(query.get("sparse") === "1" && { sparse: true }),
    },
    known,
  );
}

function list(text: string | null): string[] {
  return (text ?? "").split(",").filter((name) => name !== "");
}
