import mqtt, { type IPublishPacket, type MqttClient } from "mqtt";
import type { Channel } from "@/lib/shared/define-channel";
import type { MqttOptions } from "@/lib/shared/sources/mqtt";
import { type OpenContext, setting } from "../open-source";
import type { Stream, StreamContext } from "../stream";
import { createInbox } from "./mqtt-inbox";
import { matchesTopic } from "./mqtt-topics";

/** How long the broker keeps what comes while nobody reads, s. */
const SESSION_S = 24 * 3600;
/** A connection without a sign of life is given up after one and a half of it, s. */
const KEEPALIVE_S = 8;
/** The broker leaves out messages that are larger, bytes. */
const MAX_PACKET = 262_144;
/** How many messages the broker has on their way that were not acknowledged. */
const RECEIVE_MAXIMUM = 500;
const CONNECT_MS = 10_000;
/** How long to wait for the last word to reach the broker, ms. */
const END_MS = 1000;
const PROTOCOLS = ["mqtt:", "mqtts:", "ws:", "wss:"];
/** What a subscription's answer says where it was refused. */
const REFUSED = 128;

/** Topics of a broker, with a session that it keeps: each message is stored at least once (S1). */
export function mqttStream(
  channel: Channel,
  options: MqttOptions,
  context: Pick<OpenContext, "env">,
): Stream {
  const { topics, clientId = `nowboard-${channel.name}`, policy, map } = options;
  if (topics.length === 0) throw new Error("topics: names none");
  const url = addressOf(setting(context, options.url), options.url.env);

  async function run(stream: StreamContext): Promise<void> {
    const { signal } = stream;
    const client = mqtt.connect(url.href, {
      protocolVersion: 5,
      clientId,
      clean: false,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_MS,
      reconnectPeriod: 0,
      resubscribe: false,
      properties: {
        sessionExpiryInterval: SESSION_S,
        receiveMaximum: RECEIVE_MAXIMUM,
        maximumPacketSize: MAX_PACKET,
      },
    });
    const inbox = createInbox(stream, acknowledgeLater(client));
    client.handleMessage = (packet, done) => {
      // A retained message is what was last known, which is no event; a session may have topics of another declaration.
      const isOld = packet.retain && channel.kind === "feed";
      const isWanted = !isOld && topics.some((filter) => matchesTopic(filter, packet.topic));
      inbox.put(packet, isWanted);
      done();
    };
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const ended = endOf(client);
    try {
      await Promise.race([
        aborted,
        ended,
        inbox.done,
        subscribed(client, topics, channel).then(() => {
          stream.ready();
          return aborted;
        }),
      ]);
    } finally {
      await close(client);
    }
  }

  const target = `${topics.join(", ")} on ${url.host}`;
  return { channel, kind: "MQTT", target, run, ...(policy && { policy }), ...(map && { map }) };
}

/** What the address says is not repeated: it may hold a password. */
function addressOf(text: string, variable: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !PROTOCOLS.includes(url.protocol))
    throw new Error(`${variable} is to be like "mqtt://host:1883"`);
  return url;
}

/** Rejects when the connection ends or cannot be made. */
function endOf(client: MqttClient): Promise<never> {
  const ended = new Promise<never>((_, reject) => {
    client.on("error", (error) => reject(inOneLine(error)));
    client.on("disconnect", ({ reasonCode, properties }) =>
      reject(new Error(properties?.reasonString ?? `The broker ended the connection (reason ${reasonCode})`)),
    );
    client.on("close", () => reject(new Error("The connection was closed")));
  });
  ended.catch(() => {});
  return ended;
}

/** Where a host has two addresses, an error without words holds one for each. */
function inOneLine(error: Error): Error {
  return error instanceof AggregateError && error.message === "" ? (error.errors[0] as Error) : error;
}

/** Asks for retained messages only where the subscription is new, and never for a feed. */
async function subscribed(client: MqttClient, topics: readonly string[], channel: Channel): Promise<void> {
  await new Promise<unknown>((resolve) => client.once("connect", resolve));
  const wanted = { qos: 1, rap: false, rh: channel.kind === "feed" ? 2 : 1 } as const;
  const granted = await client.subscribeAsync(Object.fromEntries(topics.map((topic) => [topic, wanted])));
  const refused = granted.find(({ qos }) => qos >= REFUSED);
  if (refused) throw new Error(`The broker refuses ${refused.topic}`);
}

/** What the client has no public way for. */
interface Sender {
  _sendPacket(packet: { cmd: string; messageId?: number }, done?: () => void, ...rest: unknown[]): void;
}

/**
 * The client acknowledges a message before it hands on the next one, so that waiting for each to be stored would mean a
 * commit for each. Its own acknowledgements are left out, and sent once a group of messages is stored.
 */
function acknowledgeLater(client: MqttClient): (packet: IPublishPacket) => void {
  const sender = client as unknown as Sender;
  const send = sender._sendPacket.bind(client);
  sender._sendPacket = (packet, done, ...rest) => {
    if (packet.cmd === "puback") done?.();
    else send(packet, done, ...rest);
  };
  return ({ messageId }) => {
    if (client.connected) send({ cmd: "puback", messageId });
  };
}

/** Says goodbye, which keeps the session; a broker that does not answer is not waited for. */
async function close(client: MqttClient): Promise<void> {
  const timer = setTimeout(() => client.stream.destroy(), END_MS);
  client.on("error", () => {});
  await client.endAsync(!client.connected).catch(() => {});
  clearTimeout(timer);
}
