import { connect, type Socket } from "node:net";
import { type Faults, NO_FAULTS, type ProxyCounts, type Tampering } from "./network-proxy-faults";
import { GzipAnswer } from "./network-proxy-gzip";
import { Pipe } from "./network-proxy-pipe";
import {
  acceptUpgrade,
  answer,
  isLiveFrame,
  parseRequestHead,
  type RequestHead,
  type RequestKind,
} from "./network-proxy-request";

const MAX_INPUT = 1024 * 1024;
const PORTAL = "<!doctype html><title>Welcome</title><h1>Please accept the terms of this network</h1>";

/** What one connection shares with the proxy: the faults of this moment, and the counts. */
interface Shared {
  targetPort: number;
  targetHost: string;
  faults(): Faults;
  counts: ProxyCounts;
  /** Done once, to the next whole frame. */
  tampering: Tampering | undefined;
}

/**
 * One connection from the browser and its twin to the server. Requests are read one by one (browsers do not
 * pipeline over HTTP/1.1) until one of them takes the connection over; answers are never looked into.
 */
export class ProxyConnection {
  readonly #client: Socket;
  readonly #shared: Shared;
  readonly #toClient: Pipe;
  #upstream: Socket | undefined;
  #toUpstream: Pipe | undefined;
  /** `requests`: heads are read. `tunnel`: all bytes pass. `deaf`: nothing more is read. */
  #phase: "requests" | "tunnel" | "deaf" = "requests";
  #input: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;
  /** The next request has been seen and must wait. */
  #isRequestHeld = false;
  #isBuffering = false;
  #compressor: GzipAnswer | undefined;
  #isSilent = false;
  #cutTimer: NodeJS.Timeout | undefined;
  #current: RequestKind | undefined;

  constructor(client: Socket, shared: Shared) {
    this.#client = client;
    this.#shared = shared;
    this.#toClient = new Pipe(
      client,
      () => !this.#isStalled && !(this.#isBuffering && shared.faults().sse === "buffer"),
      () => this.#upstream?.resume(),
      () => this.#rate(),
    );
    client.setNoDelay(true);
    this.#watchIdle();
    client.on("timeout", () => {
      shared.counts.idleCut++;
      this.cut();
    });
    client.on("data", (bytes) => {
      this.#input = this.#input.length > 0 ? Buffer.concat([this.#input, bytes]) : bytes;
      this.#read();
      if (this.#input.length >= MAX_INPUT || this.#toUpstream?.isFull) client.pause();
    });
    client.on("end", () => (this.#toUpstream ? this.#toUpstream.push("end") : client.end()));
    client.on("error", () => this.#toUpstream?.push("reset"));
    client.on("close", () => {
      clearTimeout(this.#cutTimer);
      this.#toClient.stop();
      this.#toUpstream?.push("end");
    });
  }

  /** What the connection was last used for. */
  get current(): RequestKind | undefined {
    return this.#current;
  }

  /** Whether something is held open on it: a socket, a stream, or a poll that waits. */
  get isHolding(): boolean {
    return this.#current === "websocket" || this.#current === "sse" || this.#current === "heldPoll";
  }

  /** Whether bytes can pass: it was neither answered or muted by the proxy nor silenced. */
  get isPassing(): boolean {
    return !this.#isSilent && this.#phase !== "deaf";
  }

  /** Bytes that the proxy keeps back. */
  get held(): number {
    return this.#input.length + this.#toClient.held + (this.#toUpstream?.held ?? 0);
  }

  /** Looks again at what waits, after the faults have changed. */
  wake() {
    this.#watchIdle();
    this.#read();
    this.#toClient.pump();
    this.#toUpstream?.pump();
  }

  /** Resets both sides at once. */
  cut() {
    this.#shared.counts.connectionsCut++;
    this.destroy();
  }

  /** Nothing passes any more in either direction, and nobody is told. */
  silence() {
    this.#shared.counts.connectionsSilenced++;
    this.#isSilent = true;
  }

  /** Cuts the request that waits for its answer, if it is of the held kind, after `ms`. */
  cutIfHeld(ms: number) {
    if (this.#current !== "sse" && this.#current !== "heldPoll") return;
    const cut = () => {
      this.#shared.counts.heldCut++;
      this.cut();
    };
    clearTimeout(this.#cutTimer);
    if (ms > 0) this.#cutTimer = setTimeout(cut, ms);
    else cut();
  }

  destroy() {
    clearTimeout(this.#cutTimer);
    this.#phase = "deaf";
    this.#toClient.stop();
    this.#toUpstream?.stop();
    this.#client.resetAndDestroy();
    this.#upstream?.resetAndDestroy();
  }

  /** Both directions pass through the browser's socket, so its own timer sees whether anything does. */
  #watchIdle() {
    this.#client.setTimeout(this.#shared.faults().cutIdleAfter ?? 0);
  }

  get #isStalled(): boolean {
    return this.#isSilent || this.#shared.faults().network === "stall";
  }

  #read() {
    // Nothing passes for who is gone: what waits of such a connection stays where it is.
    while (this.#input.length > 0 && !this.#isStalled && !this.#client.destroyed) {
      if (this.#phase === "deaf") this.#take(this.#input.length);
      else if (this.#phase === "tunnel") this.#forward(this.#input.length);
      else if (this.#bodyLeft > 0) {
        const length = Math.min(this.#bodyLeft, this.#input.length);
        this.#bodyLeft -= length;
        this.#forward(length);
      } else {
        const head = parseRequestHead(this.#input);
        if (!head || !this.#decide(head)) break;
      }
    }
    if (this.#input.length < MAX_INPUT && !this.#toUpstream?.isFull) this.#client.resume();
  }

  /** Lets a request pass, or does to it what the faults say. False while it has to wait. */
  #decide(head: RequestHead): boolean {
    const { counts } = this.#shared;
    const faults = this.#shared.faults();
    // A request that waits is looked at again when the faults change, but is one request.
    const isNew = !this.#isRequestHeld;
    this.#isRequestHeld = false;
    this.#current = head.kind;
    this.#isBuffering = false;
    if (isNew) counts.requests++;
    if (faults.network === "portal") {
      counts.portalAnswers++;
      return this.#answer(answer("200 OK", "text/html", PORTAL));
    }
    if (head.bodyLength === undefined)
      return this.#answer(answer("411 Length Required", "text/plain", "this proxy needs a Content-Length"));
    if (head.kind === "script" && faults.scripts === "hold") {
      if (isNew) counts.scriptsHeld++;
      this.#isRequestHeld = true;
      return false;
    }
    if (head.kind === "websocket") return this.#decideUpgrade(head, faults);
    if (head.kind === "poll") counts.pollsSeen++;
    if (head.kind === "heldPoll") counts.heldPollsSeen++;
    if (head.kind === "sse" && !this.#decideSse(faults)) return true;
    clearTimeout(this.#cutTimer);
    if (faults.cutHeldAfter !== undefined) this.cutIfHeld(faults.cutHeldAfter);
    if (!this.#client.destroyed) this.#pass(head);
    return true;
  }

  #decideUpgrade(head: RequestHead, { websocket }: Faults): true {
    const { counts } = this.#shared;
    counts.upgradesSeen++;
    if (websocket === "refuse" || websocket === "notFound") {
      counts.upgradesRefused++;
      const status = websocket === "refuse" ? "403 Forbidden" : "404 Not Found";
      return this.#answer(answer(status, "text/plain", "no upgrades here"));
    }
    if (websocket === "mute") {
      counts.upgradesMuted++;
      this.#phase = "deaf";
      this.#toClient.push(acceptUpgrade(head.websocketKey ?? ""));
      return true;
    }
    this.#pass(head);
    this.#phase = "tunnel";
    return true;
  }

  /** False when the request goes no further. */
  #decideSse({ sse }: Faults): boolean {
    const { counts } = this.#shared;
    counts.sseSeen++;
    this.#compressor = undefined;
    if (sse === "refuse") {
      counts.sseRefused++;
      this.#answer(answer("502 Bad Gateway", "text/plain", "no streams here"));
    } else if (sse === "hold") {
      counts.sseHeld++;
      this.#phase = "deaf";
    } else if (sse === "buffer") {
      counts.sseBuffered++;
      this.#isBuffering = true;
    } else if (sse === "gzip") {
      counts.sseCompressed++;
      this.#compressor = new GzipAnswer((bytes) => this.#toClient.push(bytes));
    }
    return sse !== "refuse" && sse !== "hold";
  }

  #pass(head: RequestHead): true {
    this.#bodyLeft = head.bodyLength ?? 0;
    this.#forward(head.length);
    return true;
  }

  #answer(bytes: Buffer): true {
    this.#phase = "deaf";
    this.#toClient.push(bytes);
    this.#toClient.push("end");
    return true;
  }

  #take(length: number): Buffer {
    const taken = this.#input.subarray(0, length);
    this.#input = this.#input.subarray(length);
    return taken;
  }

  #forward(length: number) {
    this.#toUpstream ??= this.#connect();
    this.#toUpstream.push(this.#take(length), this.#delay());
  }

  #delay(): number {
    const { delay } = this.#shared.faults();
    if (delay > 0) this.#shared.counts.piecesDelayed++;
    return delay;
  }

  /** True when the bytes are a frame that must not arrive. One that must arrive twice is passed on once here. */
  #tamper(bytes: Buffer): boolean {
    const { tampering, counts } = this.#shared;
    if (!tampering || !isLiveFrame(bytes)) return false;
    this.#shared.tampering = undefined;
    counts.framesTampered++;
    if (tampering === "drop") return true;
    this.#toClient.push(bytes);
    return false;
  }

  /** The two words have the same length. */
  #makeStorable(bytes: Buffer) {
    const place = bytes.indexOf("no-store");
    if (place < 0 || this.#current !== "other") return;
    bytes.write("no-cache", place, "latin1");
    this.#shared.counts.madeStorable++;
  }

  #rate(): number {
    const { bytesPerSecond } = this.#shared.faults();
    if (bytesPerSecond > 0) this.#shared.counts.piecesThrottled++;
    return bytesPerSecond;
  }

  #connect(): Pipe {
    const { targetPort, targetHost, faults, counts } = this.#shared;
    const { from } = faults();
    // Elsewhere than on loopback the system knows best which address to use.
    const localAddress = targetHost === "127.0.0.1" ? from : undefined;
    if (localAddress && from !== NO_FAULTS.from) counts.fromElsewhere++;
    const upstream = connect({ port: targetPort, host: targetHost, localAddress, allowHalfOpen: true });
    this.#upstream = upstream;
    upstream.setNoDelay(true);
    upstream.on("data", (bytes) => {
      // A held poll that is answered is held no longer; a stream is for as long as it lives.
      if (this.#current === "heldPoll") {
        this.#current = undefined;
        clearTimeout(this.#cutTimer);
      }
      if (this.#tamper(bytes)) return;
      if (this.#shared.faults().storable) this.#makeStorable(bytes);
      if (this.#compressor) this.#compressor.write(bytes);
      else this.#toClient.push(bytes, this.#delay());
      if (this.#toClient.isFull) upstream.pause();
    });
    upstream.on("end", () => {
      this.#isBuffering = false;
      this.#toClient.push("end");
    });
    upstream.on("error", () => this.#toClient.push("reset"));
    return new Pipe(
      upstream,
      () => !this.#isStalled,
      () => this.#client.resume(),
    );
  }
}
