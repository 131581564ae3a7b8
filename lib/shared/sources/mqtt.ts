import type { FromEnvironment, StreamOptions } from "./options";

/** Topics of an MQTT broker, with a persistent session and QoS 1. */
export interface MqttOptions extends StreamOptions {
  kind: "mqtt";
  /** `mqtt://user:password@host:1883`, or `mqtts:` */
  url: FromEnvironment;
  /** With the wildcards `+` and `#`. */
  topics: readonly string[];
  /** `nowboard-<channel>` by default; the broker keeps the session under this name. */
  clientId?: string;
}
