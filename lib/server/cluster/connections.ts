import type { ConnectionReport } from "./report";

/** Transports that keep a connection or a request open. */
export type HeldTransport = "socket" | "sse" | "long-poll";

/** An open connection, as its transport shows it. Everything is read when somebody looks, never per update. */
export interface OpenConnection {
  transport: HeldTransport;
  page?: string;
  address?: string;
  /** How far it is behind the log's head, ms; `null` while it waits for a whole snapshot. */
  lagMs(): number | null;
  bufferedBytes(): number;
  /** Ends the connection and asks the client to come back. */
  disconnect(): void;
}

export interface Connections {
  /** Adds a connection; returns the way to take it out. Doing that twice is fine. */
  add(connection: OpenConnection): () => void;
  list(): ConnectionReport[];
  /** False when there is no such connection. */
  disconnect(id: string): boolean;
}

interface Entry {
  id: string;
  since: number;
  connection: OpenConnection;
  /** Since when a viewer who polls is between two requests, ms of `now`. */
  idleSince?: number;
}

/** A held request is followed by the next one at once; a viewer who stays away for so long has left, ms. */
const BETWEEN_POLLS_MS = 3000;

/**
 * The connections of this node, for people who look after it. A viewer who long-polls is one entry, however many
 * requests it makes: its next request is known by page and address.
 */
export function createConnections(node: string, now: () => number): Connections {
  const entries = new Map<string, Entry>();
  const idle = new Set<Entry>();
  let opened = 0;

  function forgetWhoLeft(): void {
    const time = now();
    for (const entry of idle) {
      // The distance counts: a clock that steps back must not keep them.
      if (Math.abs(time - entry.idleSince!) < BETWEEN_POLLS_MS) continue;
      idle.delete(entry);
      entries.delete(entry.id);
    }
  }

  function resume(connection: OpenConnection): Entry | undefined {
    if (connection.transport !== "long-poll") return undefined;
    for (const entry of idle) {
      const { page, address } = entry.connection;
      if (page !== connection.page || address !== connection.address) continue;
      idle.delete(entry);
      entry.connection = connection;
      entry.idleSince = undefined;
      return entry;
    }
    return undefined;
  }

  function begin(connection: OpenConnection): Entry {
    opened += 1;
    const entry: Entry = { id: `${node}-${opened}`, since: now(), connection };
    entries.set(entry.id, entry);
    return entry;
  }

  function end(entry: Entry, connection: OpenConnection): void {
    if (entry.connection !== connection || entry.idleSince !== undefined || !entries.has(entry.id)) return;
    if (connection.transport === "long-poll") {
      entry.idleSince = now();
      idle.add(entry);
    } else entries.delete(entry.id);
  }

  return {
    add(connection) {
      forgetWhoLeft();
      const entry = resume(connection) ?? begin(connection);
      return () => end(entry, connection);
    },

    list() {
      forgetWhoLeft();
      return [...entries.values()].map(({ id, since, connection }) => {
        const { transport, page, address } = connection;
        const [lagMs, bufferedBytes] = [connection.lagMs(), connection.bufferedBytes()];
        return { id, transport, page, address, since, lagMs, bufferedBytes };
      });
    },

    disconnect(id) {
      forgetWhoLeft();
      const entry = entries.get(id);
      if (!entry) return false;
      // Between two requests there is nothing to end: the next one comes by itself.
      if (entry.idleSince === undefined) entry.connection.disconnect();
      return true;
    },
  };
}
