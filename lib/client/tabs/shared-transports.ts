/**
 * The tabs of a browser share one connection (C5). Each tab keeps its own ladder and its own cursors; only the
 * transports are shared: a rung that a tab opens is served by the real transport of the tab that leads. A visible tab
 * leads, and lets go when it is hidden, frozen or left. Where nobody answers, a tab has a connection of its own.
 */
import type { ClientEnvironment } from "../environment";
import type { Rung } from "../ladder-state";
import type { OpenTransport, Transport, TransportLink } from "../transports/transport";
import { Leader } from "./leader";
import type { OpenTabLink, TabLink, TabMessage } from "./tab-messages";
import { frameFor } from "./unite";

/** How long a tab waits for the one that leads, ms; then it would lead, and after as long again it is on its own. */
const ANSWER_MS = 500;

type Environment = Pick<ClientEnvironment, "after" | "on" | "isVisible" | "page">;
type Transports = Readonly<Record<Rung, OpenTransport>>;

/** One rung that this tab has open. */
interface Opened {
  rung: Rung;
  n: number;
  link: TransportLink;
  /** A connection of its own. */
  own?: Transport;
  /** Ends the wait for an answer. */
  cancel: () => void;
}

/** The transports of a tab that shares them with the others; its own where the browser cannot. */
export function shareTransports(
  transports: Transports,
  environment: Environment,
  openLink: OpenTabLink,
): Transports {
  const sharing = new Sharing(transports, environment, openLink);
  const shared =
    (rung: Rung): OpenTransport =>
    (link) =>
      sharing.open(rung, link);
  return {
    socket: shared("socket"),
    sse: shared("sse"),
    "long-poll": shared("long-poll"),
    poll: shared("poll"),
  };
}

class Sharing {
  private readonly opened = new Map<Rung, Opened>();
  private link: TabLink | undefined;
  private leader: Leader | undefined;
  /** Withdraws the wish to lead, or gives it up. */
  private letGo: (() => void) | undefined;
  /** It is this tab's turn: nobody else's then. */
  private isTurn = false;
  private openings = 0;
  private isAway = false;

  constructor(
    private readonly transports: Transports,
    private readonly environment: Environment,
    private readonly openLink: OpenTabLink,
  ) {
    const { on } = environment;
    on("visible", () => this.link && this.wantLead());
    on("hidden", () => this.hide());
    // Whoever holds a lock or listens to the others cannot go into the back/forward cache.
    for (const event of ["freeze", "pagehide"] as const) on(event, () => this.leave());
    for (const event of ["resume", "pageshow"] as const) on(event, () => this.comeBack());
  }

  open(rung: Rung, link: TransportLink): Transport {
    this.openings += 1;
    const opened: Opened = { rung, n: this.openings, link, cancel: () => {} };
    this.opened.set(rung, opened);
    if (!this.link && !this.isAway) this.connect();
    this.join(opened);
    return {
      refresh: () => (opened.own ? opened.own.refresh() : this.isOpen(opened) && this.join(opened)),
      close: () => this.close(opened),
    };
  }

  // ── Joining ───────────────────────────────────────────────────────────────────────────────────────────

  private isOpen(opened: Opened): boolean {
    return this.opened.get(opened.rung) === opened;
  }

  private join(opened: Opened): void {
    const { link, leader } = this;
    const { rung, n } = opened;
    opened.cancel();
    if (!link) return void this.goAlone(opened);
    const member = { n, subscribe: opened.link.subscription(), pollMs: opened.link.pollMs() };
    if (leader) {
      if (!leader.join(rung, link.id, member)) this.goAlone(opened);
      return;
    }
    link.send({ kind: "join", from: link.id, rung, ...member });
    this.awaitAnswer(opened, () => {
      this.requestLead();
      if (this.isOpen(opened) && !this.leader) this.awaitAnswer(opened, () => this.goAlone(opened));
    });
  }

  private awaitAnswer(opened: Opened, then: () => void): void {
    opened.cancel();
    opened.cancel = this.environment.after(ANSWER_MS, () => this.isOpen(opened) && then());
  }

  private goAlone(opened: Opened): void {
    opened.own = this.transports[opened.rung]({
      ...opened.link,
      failed: (failure) => {
        if (this.isOpen(opened)) this.opened.delete(opened.rung);
        opened.own?.close();
        opened.link.failed(failure);
      },
    });
  }

  private close(opened: Opened): void {
    opened.cancel();
    opened.own?.close();
    if (!this.isOpen(opened)) return;
    this.opened.delete(opened.rung);
    if (opened.own || !this.link) return;
    const { rung, n } = opened;
    if (this.leader) this.leader.leave(rung, this.link.id, n);
    else this.link.send({ kind: "leave", from: this.link.id, rung, n });
  }

  /** Whoever leads now serves all that this tab has open. */
  private rejoin(): void {
    for (const opened of this.opened.values()) {
      opened.own?.close();
      opened.own = undefined;
      this.join(opened);
    }
  }

  // ── Leading ───────────────────────────────────────────────────────────────────────────────────────────

  private connect(): void {
    this.link = this.openLink((message) => this.receive(message));
    if (this.link && this.environment.isVisible()) this.wantLead();
  }

  /** Of the tabs that wait to lead, the visible ones come first. */
  private wantLead(): void {
    if (!this.link || this.leader) return;
    this.requestLead();
    this.link.send({ kind: "want", from: this.link.id });
  }

  private requestLead(): void {
    const { link } = this;
    if (!link || this.letGo) return;
    this.letGo = link.lead(() => {
      this.isTurn = true;
      const send = (message: TabMessage) => {
        link.send(message);
        this.receive(message);
      };
      this.leader ??= new Leader({ ...this.environment, transports: this.transports, link, send });
      link.send({ kind: "lead", from: link.id });
      this.rejoin();
    });
  }

  /** Another tab may lead; if none would, this one goes on with what it has. */
  private handOver(): void {
    this.withdraw();
    this.requestLead();
  }

  private hide(): void {
    if (this.leader) return void this.handOver();
    this.withdraw();
  }

  private withdraw(): void {
    this.isTurn = false;
    this.letGo?.();
    this.letGo = undefined;
  }

  private endLead(): void {
    this.leader?.close();
    this.leader = undefined;
  }

  private leave(): void {
    this.isAway = true;
    const { link } = this;
    if (!link) return;
    for (const opened of this.opened.values()) opened.cancel();
    if (this.leader) link.send({ kind: "unled", from: link.id });
    this.endLead();
    this.withdraw();
    link.close();
    this.link = undefined;
  }

  private comeBack(): void {
    if (!this.isAway) return;
    this.isAway = false;
    if (this.opened.size === 0) return;
    this.connect();
    this.rejoin();
  }

  // ── Messages ──────────────────────────────────────────────────────────────────────────────────────────

  private receive(message: TabMessage): void {
    const { link, leader } = this;
    if (!link) return;
    switch (message.kind) {
      case "lead":
        // A word of the one before, which came after the turn that it gave up.
        if (message.from === link.id || this.isTurn) return;
        this.endLead();
        // Only the visible ones wait for their turn.
        if (!this.environment.isVisible()) this.withdraw();
        return void this.rejoin();
      case "unled":
        for (const opened of this.opened.values()) if (!opened.own) this.join(opened);
        return;
      case "want":
        if (leader && !this.environment.isVisible()) this.handOver();
        return;
      case "join": {
        if (!leader) return;
        const { rung, from: to, n, subscribe, pollMs } = message;
        if (leader.join(rung, to, { n, subscribe, pollMs })) link.send({ kind: "joined", to, rung, n });
        return;
      }
      case "leave":
        return void leader?.leave(message.rung, message.from, message.n);
      case "joined": {
        const opened = this.opened.get(message.rung);
        if (message.to !== link.id || opened?.n !== message.n) return;
        opened.cancel();
        // A tab that leads may be slow to answer, but then it does: nobody stays alone because of that.
        opened.own?.close();
        opened.own = undefined;
        return;
      }
      default:
        return void this.deliver(message, link.id);
    }
  }

  private deliver(message: Extract<TabMessage, { kind: "frame" | "alive" | "failed" }>, id: string): void {
    const opened = this.opened.get(message.rung);
    if (!opened || opened.own) return;
    if (message.kind === "frame") {
      const target = message.to[id];
      if (target === undefined) return;
      const { channels } = opened.link.subscription();
      return void opened.link.frame(frameFor(message.frame, target, channels), message.asked);
    }
    if (message.to[id] !== opened.n) return;
    if (message.kind === "alive") return void opened.link.alive(message.date);
    opened.cancel();
    this.opened.delete(message.rung);
    opened.link.failed(message.failure);
  }
}
