/**
 * Takes a database's address, and the password in it, out of what a driver says about it: logs and errors are read
 * by more people than may know it.
 */
export function concealer(url: string | undefined): (text: string) => string {
  if (url === undefined) return (text) => text;
  const { password } = new URL(url);
  // A driver may speak of it as it was written or as it is meant.
  const secrets = [url, password, decoded(password)].filter((secret) => secret !== "");
  return (text) => secrets.reduce((safe, secret) => safe.replaceAll(secret, "…"), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
