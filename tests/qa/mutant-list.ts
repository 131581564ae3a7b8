/** Ways to break the product that must not go unseen. `from` stands exactly once in its file. */
export interface Mutant {
  name: string;
  /** What is broken, for the docs. */
  about: string;
  edits: readonly { file: string; from: string; to: string }[];
  /** The scenario that has to see it, as `--grep` takes it. */
  caughtBy: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: "skip-the-catch-up",
    about: "the server answers a cursor with nothing, and claims to be at the head",
    edits: [
      {
        file: "lib/server/hub/reader.ts",
        from: "const found = this.view.ring.read(place, end, rest, FRAME_BYTES);",
        to: "const found = { ...this.view.ring.read(place, end, rest, FRAME_BYTES), entries: [], complete: true };",
      },
    ],
    caughtBy: "offline on socket",
  },
  {
    name: "drop-the-gap-check",
    about: "the client applies a frame that begins past its cursor",
    edits: [
      {
        file: "lib/client/frame-reducer.ts",
        from: "compareIds(from.id, reading.cursors[channel]!) > 0)",
        to: "compareIds(from.id, reading.cursors[channel]!) > Number.POSITIVE_INFINITY)",
      },
    ],
    caughtBy: "frame-drop on socket",
  },
  {
    name: "apply-twice",
    about: "the client applies the updates of a frame that it has had",
    edits: [
      {
        file: "lib/client/frame-reducer.ts",
        from: "const moved = followed.filter((channel) => compareIds(to.id, cursors[channel]!) > 0);",
        to: "const moved = followed;",
      },
      {
        file: "lib/client/frame-reducer.ts",
        from: "moved.includes(ch) && compareIds(id, reading.cursors[ch]!) > 0",
        to: "moved.includes(ch) && id !== undefined",
      },
    ],
    caughtBy: "frame-repeat on socket",
  },
  {
    name: "reset-the-cursor",
    about: "the client forgets its cursor and takes a snapshot each time it connects",
    edits: [
      {
        file: "lib/client/frame-reducer.ts",
        from: "if (epoch === undefined || known.length === 0) return",
        to: "if (epoch === undefined || known.length >= 0) return",
      },
    ],
    caughtBy: "offline on socket",
  },
  {
    name: "forget-the-watchdog",
    about: "the client waits for ever for a connection that went silent",
    edits: [
      {
        file: "lib/client/ladder-state.ts",
        from: "return { delayed: 1.25 * BEAT_MS, dead: 2.5 * BEAT_MS };",
        to: "return { delayed: 1e9, dead: 1e9 };",
      },
    ],
    caughtBy: "half-open on socket",
  },
  {
    name: "deliver-before-commit",
    about: "an update is delivered and acknowledged up to a second before it is stored",
    edits: [
      {
        file: "lib/server/log/sqlite-store.ts",
        from: "    begin.run();\n",
        to: "    if (db?.inTransaction) return work();\n    begin.run();\n    setTimeout(() => db?.inTransaction && commit.run(), 1000);\n    if (db?.inTransaction) return work();\n",
      },
    ],
    caughtBy: "kill-9 on socket",
  },
  {
    name: "old-snapshot-over-new-state",
    about: "a page from the router's cache overwrites what came since",
    edits: [
      {
        file: "lib/client/frame-reducer.ts",
        from: "(cursor !== undefined && compareIds(to, cursor) <= 0)",
        to: "(cursor !== undefined && compareIds(to, cursor) <= Number.NEGATIVE_INFINITY)",
      },
      {
        file: "lib/client/frame-reducer.ts",
        // With its own cursor, the old state would be noticed as a gap and read on from.
        from: "cursors[channel] = to;\n    replaced",
        to: "if (cursor === undefined || compareIds(to, cursor) > 0) cursors[channel] = to;\n    replaced",
      },
    ],
    caughtBy: "navigation on socket",
  },
  {
    name: "live-while-parked",
    about: "the indicator says live while the device is offline",
    edits: [
      {
        file: "lib/client/connection-view.ts",
        from: 'return ladder.reasons.includes("offline") ? "offline" : "catching-up";',
        to: 'return "live";',
      },
    ],
    caughtBy: "offline on socket",
  },
  {
    name: "sleep-through",
    about: "the client does not notice that time has passed",
    edits: [
      {
        file: "lib/client/server-time.ts",
        from: "if (looked === this.clock && at.mono - dueAt <= LATE_MS) return false;",
        to: "if (looked === this.clock || at.mono - dueAt > 0) return false;",
      },
    ],
    caughtBy: "sleep on socket",
  },
  {
    name: "store-twice",
    about: "a post that is sent again with the same key is stored again",
    edits: [
      {
        file: "lib/server/log/sqlite-store.ts",
        from: 'if (known) return { kind: "replayed", id: known.id };',
        to: "",
      },
    ],
    caughtBy: "stalled-server on socket",
  },
];
