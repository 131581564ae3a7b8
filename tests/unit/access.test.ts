import { expect, it } from "vitest";
import { ACCESS_CHANNEL, mayRead } from "@/lib/server/hub/access";
import { channelsSchema } from "@/lib/shared/protocol";
import { apply, type TableState } from "@/lib/shared/state";

const access = (rows: TableState["rows"]): TableState => ({ kind: "table", asOf: null, rows });

it("[T7] lets everyone read what nothing denies", () => {
  expect(mayRead(access({}), "ada", "orders")).toBe(true);
  expect(mayRead(access({ bob: { denied: "orders" } }), "ada", "orders")).toBe(true);
  expect(mayRead(access({ ada: { denied: "" } }), "ada", "orders")).toBe(true);
  expect(mayRead(access({ ada: { denied: null } }), "ada", "orders")).toBe(true);
});

it("[T7] denies the channels that are named, and no others of similar names", () => {
  const state = access({ ada: { denied: "orders,api" } });
  expect(mayRead(state, "ada", "orders")).toBe(false);
  expect(mayRead(state, "ada", "api")).toBe(false);
  for (const name of ["order", "orders-eu", "a", "orders,api", ""])
    expect(mayRead(state, "ada", name)).toBe(true);
});

it("[T7] takes no viewer's name for a property of objects", () => {
  for (const name of ["toString", "constructor"]) {
    expect(mayRead(access({}), name, "orders")).toBe(true);
    const state = apply(access({}), {
      id: "1-0",
      ch: ACCESS_CHANNEL,
      rows: { [name]: { denied: "orders" } },
    });
    expect(mayRead(state as TableState, name, "orders")).toBe(false);
    expect(mayRead(state as TableState, "ada", "orders")).toBe(true);
  }
});

it("[T7] keeps the system channel out of what a viewer may name", () => {
  expect(channelsSchema.safeParse([ACCESS_CHANNEL]).success).toBe(false);
});
