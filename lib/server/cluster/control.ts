import { randomUUID } from "node:crypto";
import type { Server } from "socket.io";
import { z } from "zod";
import { CodedError } from "@/lib/shared/codes";
import type { NodeHooks } from "./cluster";

const requestSchema = z.object({
  id: z.uuid(),
  /** The node that is asked; all get to read it. */
  node: z.string(),
  request: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("disconnect"), connection: z.string().max(64) }),
    z.object({ kind: z.literal("drain") }),
    z.object({ kind: z.literal("test-source"), channel: z.string().max(64) }),
  ]),
});
const answerSchema = z.object({ id: z.uuid(), done: z.boolean() });

export type ControlRequest = z.infer<typeof requestSchema>["request"];

/** The events between servers. They say nothing that would be missed for good: who asked is not answered. */
const REQUEST = "nowboard:request";
const ANSWER = "nowboard:answer";
/** The most requests that may wait for an answer. */
const MAX_WAITING = 100;

interface ControlOptions {
  node: string;
  limitMs: number;
  hooks: () => NodeHooks | undefined;
}

function doNow(mine: NodeHooks, request: ControlRequest): boolean {
  switch (request.kind) {
    case "disconnect":
      return mine.disconnect(request.connection);
    case "test-source":
      return mine.testSource(request.channel);
    case "drain":
      // Only after the answer, as it ends what carries that.
      return true;
  }
}

/** What nodes ask of each other, over the Socket.IO servers' own messages (K1). */
export function createControl({ node, limitMs, hooks }: ControlOptions) {
  const waiting = new Map<string, (done: boolean) => void>();
  let io: Server | undefined;

  function onRequest(message: unknown): void {
    const parsed = requestSchema.safeParse(message);
    if (!parsed.success || parsed.data.node !== node) return;
    const { id, request } = parsed.data;
    const mine = hooks();
    if (!mine) return;
    const done = doNow(mine, request);
    io?.serverSideEmit(ANSWER, { id, done });
    if (request.kind === "drain") mine.drain();
  }

  function onAnswer(message: unknown): void {
    const parsed = answerSchema.safeParse(message);
    if (parsed.success) waiting.get(parsed.data.id)?.(parsed.data.done);
  }

  return {
    serve(server: Server): void {
      io = server;
      server.on(REQUEST, onRequest);
      server.on(ANSWER, onAnswer);
    },

    /** Whether the node did it; `node_silent` when it did not say within the limit. */
    ask(asked: string, request: ControlRequest): Promise<boolean> {
      if (!io || waiting.size >= MAX_WAITING) throw new CodedError("cluster_unavailable");
      const id = randomUUID();
      const server = io;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(new CodedError("node_silent"));
        }, limitMs);
        waiting.set(id, (done) => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(done);
        });
        server.serverSideEmit(REQUEST, { id, node: asked, request });
      });
    },
  };
}
