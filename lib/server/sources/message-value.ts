/** What a message says: parsed where it is JSON, else the text; nothing when it is empty. */
export function messageValue(message: Buffer | string): unknown {
  const text = message.toString();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
