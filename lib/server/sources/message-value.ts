/** What a message says: parsed where it is JSON, else the text; nothing when it is empty. */
export function messageValue(bytes: Buffer): unknown {
  if (bytes.length === 0) return null;
  const text = bytes.toString("utf8");
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
