import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "playwright/test";
import { judge } from "@/tests/support/verdict";
import { watchPage } from "@/tests/support/witness";

const item = (n: number) => `<li data-key="${n}"><span>N-0000${n}</span></li>`;
const page = (...numbers: number[]) =>
  `<main><div data-testid="feed-orders"><div>${numbers[0]} so far</div><ul>${numbers.map(item).join("")}</ul></div></main><p>End`;

test("a list whose HTML is half there is no list yet, and a page is held to what was seen when it was asked for", async ({
  page: tab,
}) => {
  let answer: ServerResponse | undefined;
  const server = createServer((request, response) => {
    // The browser asks for an icon, too.
    if (request.url !== "/") return void response.writeHead(404).end();
    response.writeHead(200, { "Content-Type": "text/html" });
    answer = response;
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  try {
    const witness = await watchPage(tab);
    const show = async (html: string, cuts: readonly string[]) => {
      const opened = tab.goto(url);
      await expect.poll(() => answer).toBeDefined();
      let from = 0;
      for (const cut of cuts) {
        const to = html.indexOf(cut) + cut.length;
        answer!.write(html.slice(from, to));
        from = to;
        const before = witness.sights.at(-1)?.until ?? 0;
        await expect.poll(() => witness.sights.at(-1)?.until ?? 0).toBeGreaterThan(before);
      }
      answer!.end(html.slice(from));
      answer = undefined;
      await opened;
    };
    const disordered = () =>
      judge({ acknowledged: { orders: [], figures: [] }, sights: witness.sights, drawn: [] }).disordered;
    await show(page(9, 8, 7), ["so far</div>", '<li data-key="9">', '<li data-key="8">', "N-00008", "</ul>"]);
    await expect.poll(() => witness.sights.at(-1)?.orders).toEqual([9, 8, 7]);
    expect(disordered()).toBe(0);
    // The page that is left shows another order while the next one is on its way.
    await tab.evaluate(
      (html) => {
        window.addEventListener("beforeunload", () => setTimeout(() => (document.body.innerHTML = html)));
      },
      page(10, 9, 8),
    );
    const opened = tab.goto(url);
    await expect.poll(() => answer).toBeDefined();
    await expect.poll(() => witness.sights.at(-1)?.orders).toEqual([10, 9, 8]);
    answer!.end(page(9, 8, 7));
    answer = undefined;
    await opened;
    await expect.poll(() => witness.sights.at(-1)?.orders).toEqual([9, 8, 7]);
    expect(disordered()).toBe(0);
    // One that is older than what was seen when it was asked for is a step back.
    await show(page(8, 7), []);
    await expect.poll(disordered).toBe(1);
    await show(page(9, 7), []);
    await expect.poll(disordered).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
