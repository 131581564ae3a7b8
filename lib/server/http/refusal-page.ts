import type { Problem } from "@/lib/shared/codes";

/** It needs nothing more from the server: neither styles nor code. It has the colours of the viewer's system. */
export const REFUSAL_PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 ui-sans-serif, system-ui, sans-serif }
  body { max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.25rem; font-weight: 600 }
  small { opacity: 0.75 }`;

/**
 * The refusal of a page for the person who asked for it (T6), as an HTML document: what is the matter, and when it is
 * tried again, which it does by itself where a wait helps. `id`: the request's.
 */
export function refusalPage({ title, code, retryAfter }: Problem, id: string): string {
  const [again, words] =
    retryAfter === undefined
      ? ["", ""]
      : [
          `<meta http-equiv="refresh" content="${retryAfter}">`,
          `<p>Pages that are open already stay live. This one is asked for again by itself in ${retryAfter} s.</p>`,
        ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${again}
<title>${title} · Nowboard</title>
<style>${STYLE}
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${words}
<p><small>Code ${code}, request ${id}</small></p>
</main>
</body>
</html>
`;
}
