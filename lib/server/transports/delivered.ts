/** What a transport has handed to its connections since start: counted per write to a cohort, for /metrics. */
export class Delivered {
  frames = 0;
  /** As the application wrote them, before TLS and a proxy's compression. */
  bytes = 0;

  /** `receivers` were sent the same frame, of so many bytes. */
  add(receivers: number, bytes: number): void {
    this.frames += receivers;
    this.bytes += receivers * bytes;
  }
}

/** One for each transport. */
export function createDeliveries() {
  return {
    socket: new Delivered(),
    sse: new Delivered(),
    longPoll: new Delivered(),
    poll: new Delivered(),
  };
}

export type Deliveries = ReturnType<typeof createDeliveries>;
