/** What the leading tab does: one real transport for each rung that any tab has open (C5). */
import type { Cursor } from "@/lib/shared/cursor";
import type { Frame, Subscribe } from "@/lib/shared/protocol";
import type { Failure, Rung } from "../ladder-state";
import type { OpenTransport, Transport } from "../transports/transport";
import type { TabId, TabLink, TabMessage } from "./tab-messages";
import { MAX_CHANNELS, type Member, targetsOf, type United, unite } from "./unite";

interface SharedRung {
  members: Map<TabId, Member>;
  united: United;
  generation: number;
  transport: Transport;
}

export interface LeaderOptions {
  transports: Readonly<Record<Rung, OpenTransport>>;
  link: Pick<TabLink, "id" | "watch">;
  /** To all tabs, this one included. */
  send(message: TabMessage): void;
  /** The path of the page by which an operator knows the connection. */
  page(): string;
}

export class Leader {
  private readonly rungs = new Map<Rung, SharedRung>();
  private readonly watched = new Map<TabId, () => void>();

  constructor(private readonly options: LeaderOptions) {}

  /**
   * Takes a tab in, or notes its new subscription; everything is read on from the lowest cursor. False when all
   * together would ask for more channels than one subscription may have: then the tab has to see for itself.
   */
  join(rung: Rung, tab: TabId, member: Member): boolean {
    this.watch(tab);
    const shared = this.rungs.get(rung);
    if (!shared) {
      this.open(rung, new Map([[tab, member]]));
      return true;
    }
    const { members, united } = shared;
    const { channels } = unite(new Map([...members, [tab, member]]), 0).subscribe;
    if (channels.length > MAX_CHANNELS && (members.size > 1 || !members.has(tab))) {
      this.leave(rung, tab);
      return false;
    }
    const isOther = members.get(tab)?.subscribe.sub !== member.subscribe.sub;
    members.set(tab, member);
    const isSameSet = channels.join() === united.subscribe.channels.join();
    if (!isSameSet) shared.generation = 0;
    else if (members.size > 1 || isOther) shared.generation += 1;
    this.reunite(shared);
    shared.transport.refresh();
    return true;
  }

  /** Fewer channels are read on without those that nobody asks for any more. */
  leave(rung: Rung, tab: TabId, n?: number): void {
    const shared = this.rungs.get(rung);
    const member = shared?.members.get(tab);
    if (!shared || !member || (n !== undefined && member.n !== n)) return;
    shared.members.delete(tab);
    if (shared.members.size === 0) return void this.end(rung);
    const before = shared.united.subscribe.channels.join();
    if (unite(shared.members, 0).subscribe.channels.join() === before) return;
    this.reunite(shared);
    shared.transport.refresh();
  }

  close(): void {
    for (const rung of [...this.rungs.keys()]) this.end(rung);
    for (const stop of this.watched.values()) stop();
    this.watched.clear();
  }

  private watch(tab: TabId): void {
    if (tab === this.options.link.id || this.watched.has(tab)) return;
    const stop = this.options.link.watch(tab, () => {
      this.watched.delete(tab);
      for (const rung of [...this.rungs.keys()]) this.leave(rung, tab);
    });
    this.watched.set(tab, stop);
  }

  private reunite(shared: SharedRung): void {
    shared.united = unite(shared.members, shared.generation);
  }

  private open(rung: Rung, members: Map<TabId, Member>): void {
    const shared = { members, united: unite(members, 0), generation: 0 } as SharedRung;
    this.rungs.set(rung, shared);
    const isOpen = () => this.rungs.get(rung) === shared;
    shared.transport = this.options.transports[rung]({
      subscription: (): Subscribe => ({ ...shared.united.subscribe, page: this.options.page() }),
      pollMs: () => Math.min(...[...shared.members.values()].map(({ pollMs }) => pollMs)),
      frame: (frame, asked) => isOpen() && this.deliver(rung, shared, frame, asked),
      alive: (date) => isOpen() && this.options.send({ kind: "alive", rung, to: openings(shared), date }),
      failed: (failure) => isOpen() && this.fail(rung, shared, failure),
    });
  }

  private deliver(rung: Rung, shared: SharedRung, frame: Frame, asked?: Cursor): void {
    const { members, united } = shared;
    // What answers an earlier subscription does not follow on what the tabs have.
    if (frame.sub !== united.subscribe.sub) return;
    const to = targetsOf(frame, members, united.whole);
    const whole = new Set(united.whole);
    for (const tab of Object.keys(to)) {
      const member = members.get(tab)!;
      const { fresh: _had, ...rest } = member.subscribe;
      member.subscribe = { ...rest, cursor: frame.to };
      whole.delete(tab);
    }
    // Where a transport connects anew by itself, it goes on from here.
    const { fresh: _fresh, ...subscribe } = { ...united.subscribe, cursor: frame.to };
    shared.united = whole.size > 0 ? { ...united, whole } : { subscribe, whole };
    // Last, as a tab that lacks something asks for it at once.
    this.options.send({ kind: "frame", rung, to, frame, asked });
  }

  private fail(rung: Rung, shared: SharedRung, failure: Failure): void {
    this.rungs.delete(rung);
    shared.transport.close();
    this.options.send({ kind: "failed", rung, to: openings(shared), failure });
  }

  private end(rung: Rung): void {
    const shared = this.rungs.get(rung);
    this.rungs.delete(rung);
    shared?.transport.close();
  }
}

function openings({ members }: SharedRung): Record<TabId, number> {
  return Object.fromEntries([...members].map(([tab, { n }]) => [tab, n]));
}
