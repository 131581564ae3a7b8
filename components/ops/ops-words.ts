/** What became of a request to the server: done, refused with a code, or nobody knows. */
export type Answer = "done" | { code: string; title: string } | "no-answer";

/** What is asked, and of whom: "/business over WebSocket", a node's name, or what a source fills. */
export type Ask = { kind: "disconnect" | "drain" | "test"; what: string };

/** What an operator is told. */
export function outcomeWords({ kind, what }: Ask, answer: Answer): string {
  if (answer === "done") return doneWords({ kind, what });
  if (answer === "no-answer")
    return "The server could not be reached. Whether it heard of this is not known; the rows will show it.";
  switch (answer.code) {
    case "not_found":
      return kind === "disconnect" ? `${what} is gone already.` : `${what} is not there any more.`;
    case "node_silent":
      return "The node did not answer within two seconds. It may have heard of this; the rows will show it.";
    case "source_off":
      return `${what} is off: it lacks a setting, which its row names.`;
    case "cluster_unavailable":
      if (kind === "test") return "No node could be asked for news. Try again in a few seconds.";
      return "Redis is out of reach, so the other nodes cannot be asked. Try again when it is back.";
    case "drain_under_way":
      return "Another node was asked to drain a moment ago. Try again in ten seconds.";
    case "last_node":
      return `${what} cannot be drained: its viewers have nowhere to go.`;
    default:
      return `That did not work: ${answer.title}.`;
  }
}

function doneWords({ kind, what }: Ask): string {
  switch (kind) {
    case "disconnect":
      return `Disconnected ${what}. It comes back by itself.`;
    case "drain":
      return `${what} drains: its viewers move to the other nodes within seconds, then it ends.`;
    case "test":
      return `Asked ${what} for news.`;
  }
}
