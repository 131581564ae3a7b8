/** What became of a request to the server: done, refused with a code, or nobody knows. */
export type Answer = "done" | { code: string; title: string } | "no-answer";

/** What is asked, and of whom: "/business over WebSocket", or a node's name. */
export type Ask = { kind: "disconnect" | "drain"; what: string };

/** What an operator is told. */
export function outcomeWords({ kind, what }: Ask, answer: Answer): string {
  if (answer === "done") {
    return kind === "disconnect"
      ? `Disconnected ${what}. It comes back by itself.`
      : `${what} drains: its viewers move to the other nodes within seconds, then it ends.`;
  }
  if (answer === "no-answer")
    return "The server could not be reached. Whether it heard of this is not known; the rows will show it.";
  switch (answer.code) {
    case "not_found":
      return kind === "disconnect" ? `${what} is gone already.` : `${what} is not there any more.`;
    case "node_silent":
      return "The node did not answer within two seconds. It may have heard of this; the rows will show it.";
    case "cluster_unavailable":
      return "Redis is out of reach, so the other nodes cannot be asked. Try again when it is back.";
    case "drain_under_way":
      return "Another node was asked to drain a moment ago. Try again in ten seconds.";
    case "last_node":
      return `${what} cannot be drained: its viewers have nowhere to go.`;
    default:
      return `That did not work: ${answer.title}.`;
  }
}
