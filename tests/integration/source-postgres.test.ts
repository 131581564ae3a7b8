import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openSource } from "@/lib/server/sources/open-source";
import { defineChannel } from "@/lib/shared/define-channel";
import { type DeclaredSource, declareSource } from "@/lib/shared/sources/declare-source";
import { env } from "@/lib/shared/sources/options";
import { type PostgresServer, startPostgres } from "../support/postgres-server";
import { eventually, SourceRuntime } from "../support/source-runtime";

const common = { cadence: 200, maxAge: 2000, filledBy: "source" } as const;
const shop = defineChannel({
  ...common,
  kind: "record",
  name: "shop",
  title: "Shop",
  metrics: { orders: { title: "Orders", unit: "count" }, revenue: { title: "Revenue", unit: "none" } },
});
const stock = defineChannel({
  ...common,
  kind: "table",
  name: "stock",
  title: "Stock",
  key: "item",
  maxRows: 3,
  columns: {
    item: { title: "Item", type: "text" },
    left: { title: "Left", type: "number" },
    changed: { title: "Changed", type: "time" },
  },
});
const sales = defineChannel({
  ...common,
  kind: "feed",
  name: "sales",
  title: "Sales",
  keep: 2000,
  fields: { item: { title: "Item", type: "text" }, amount: { title: "Amount", type: "number" } },
});
const url = env("SHOP_DATABASE_URL");

let server: PostgresServer;
let database: string;
let db: pg.Client;
let running: SourceRuntime | undefined;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.close());
beforeEach(async () => {
  database = await server.createDatabase();
  await connect();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
  await db.end().catch(() => {});
});

async function connect() {
  db = new pg.Client(database);
  db.on("error", () => {});
  await db.connect();
}

async function run(...declared: DeclaredSource[]): Promise<SourceRuntime> {
  running = await new SourceRuntime(declared, { SHOP_DATABASE_URL: database }).start();
  return running;
}

describe("a SELECT on a cadence", () => {
  it("gives a record its first row, whatever types the database has", async () => {
    const source = await run(
      declareSource(shop, {
        kind: "postgres",
        url,
        sql: "SELECT count(*) AS n, 12.50::numeric AS revenue FROM generate_series(1, 7);",
        columns: { orders: "n" },
      }),
    );
    await eventually(() => source.values("shop").orders === 7);
    expect(source.values("shop")).toEqual({ orders: 7, revenue: 12.5 });
    await eventually(() => source.health("shop").state === "Works");
    expect(source.health("shop")).toMatchObject({
      kind: "PostgreSQL",
      target: expect.stringContaining("127.0.0.1"),
    });
  });

  it("gives a table its rows, and takes away what is gone", async () => {
    await db.query("CREATE TABLE stock (item text, n int, at timestamptz)");
    await db.query("INSERT INTO stock VALUES ('tea', 3, '2026-01-02T03:04:05Z'), ('rum', NULL, NULL)");
    const source = await run(
      declareSource(stock, {
        kind: "postgres",
        url,
        sql: 'SELECT item, n AS "left", at AS changed FROM stock',
      }),
    );
    await eventually(() => Object.keys(source.rows("stock")).length === 2);
    expect(source.rows("stock")).toEqual({
      tea: { item: "tea", left: 3, changed: Date.parse("2026-01-02T03:04:05Z") },
      rum: { item: "rum", left: null, changed: null },
    });
    await db.query("DELETE FROM stock WHERE item = 'rum'");
    await eventually(() => Object.keys(source.rows("stock")).join() === "tea");
  });

  it.each([
    ["SELECT 9007199254740993 AS orders, 0 AS revenue", /orders: is beyond the exact integers/],
    ["SELECT 1 AS orders", /The query gives no column revenue/],
    ["SELECT 1 AS orders, 'much' AS revenue", /revenue: is not a number/],
    ["SELECT * FROM nowhere", /relation "nowhere" does not exist/],
  ])("[S3] says in words what is wrong with %s", async (sql, words) => {
    const source = await run(declareSource(shop, { kind: "postgres", url, sql, timeout: 1000 }));
    await eventually(() => words.test(source.down("shop") ?? ""));
    await eventually(() => words.test(String(source.health("shop").reason)));
    expect(source.health("shop").state).toBe("Fails");
    await source.othersGoOn();
  });

  it("[S2][S4] that takes too long is ended in the server, too", async () => {
    const sql = "SELECT 1 AS orders, (pg_sleep(600) IS NULL)::int AS revenue";
    const source = await run(declareSource(shop, { kind: "postgres", url, sql, timeout: 1000 }));
    const sleeping = async () => {
      const { rows } = await db.query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      return rows.length;
    };
    await eventually(async () => (await sleeping()) > 0);
    await eventually(() => /took too long/.test(source.down("shop") ?? ""));
    await source.othersGoOn();
    await source.close();
    running = undefined;
    // Asked from outside, long before it would end by itself.
    await eventually(async () => (await sleeping()) === 0);
  });

  it("[S2][S3] fails while its table is gone, and works again once it is back", async () => {
    await db.query("CREATE TABLE counted (orders int, revenue int); INSERT INTO counted VALUES (1, 2)");
    const source = await run(declareSource(shop, { kind: "postgres", url, sql: "SELECT * FROM counted" }));
    await eventually(() => source.values("shop").orders === 1);
    await db.query("DROP TABLE counted");
    await eventually(() => source.down("shop") === 'Postgres: relation "counted" does not exist');
    // Its widgets keep what they had.
    expect(source.values("shop")).toEqual({ orders: 1, revenue: 2 });
    await db.query("CREATE TABLE counted (orders int, revenue int); INSERT INTO counted VALUES (3, 4)");
    await eventually(() => source.values("shop").orders === 3 && source.down("shop") === undefined);
  });

  it("[S3][S4] says that the password is wrong without telling it, and works once it is right", async () => {
    const { rows } = await db.query("SHOW hba_file");
    const rules = "VALUES ('host all reader all scram-sha-256'), ('host all all all trust')";
    await db.query(`COPY (${rules}) TO '${rows[0].hba_file}'`);
    await db.query("CREATE ROLE reader LOGIN PASSWORD 'other'");
    await db.query("SELECT pg_reload_conf()");
    const address = new URL(database);
    Object.assign(address, { username: "reader", password: "s3cr3t%2Fcanary" });
    const declared = declareSource(shop, { kind: "postgres", url, sql: "SELECT 5 AS orders, 6 AS revenue" });
    const source = await new SourceRuntime([declared], { SHOP_DATABASE_URL: address.href }).start();
    running = source;
    const words = 'Postgres: password authentication failed for user "reader"';
    await eventually(() => source.down("shop") === words && source.health("shop").reason === words);
    expect(JSON.stringify([source.down("shop"), source.health("shop")])).not.toContain("canary");
    await db.query("ALTER ROLE reader PASSWORD 's3cr3t/canary'");
    await eventually(() => source.values("shop").orders === 5 && source.down("shop") === undefined);
  });

  it("[S4] is one statement that only reads, whatever it says", async () => {
    await db.query("CREATE TABLE kept (n int)");
    await db.query(
      "CREATE FUNCTION spoil() RETURNS int LANGUAGE plpgsql AS $$BEGIN INSERT INTO kept VALUES (1); RETURN 1; END$$",
    );
    const attacks = [
      ["SELECT 1 AS orders, 2 AS revenue; DROP TABLE kept", /multiple commands/],
      ["SELECT spoil() AS orders, 1 AS revenue", /read-only transaction/],
      [
        "WITH gone AS (DELETE FROM kept RETURNING 1) SELECT 1 AS orders, 1 AS revenue",
        /data-modifying|read-only/,
      ],
      ["SELECT 1 AS orders, 1 AS revenue INTO copied", /./],
      [
        "SELECT set_config('transaction_read_only', 'off', false) IS NULL AS orders, spoil() AS revenue",
        /read-write mode must be set before any query/,
      ],
    ] as const;
    for (const [sql, words] of attacks) {
      const source = await run(declareSource(shop, { kind: "postgres", url, sql }));
      await eventually(() => words.test(source.down("shop") ?? ""));
      await source.close();
      running = undefined;
    }
    const { rows } = await db.query(
      "SELECT (SELECT count(*)::int FROM kept) AS kept, to_regclass('copied') AS copied",
    );
    expect(rows).toEqual([{ kept: 0, copied: null }]);
    const declared = declareSource(shop, { kind: "postgres", url, sql: "DELETE FROM kept" });
    await expect(openSource(declared, { env: { SHOP_DATABASE_URL: database }, allowed: [] })).rejects.toThrow(
      "The source of shop: sql is one SELECT",
    );
  });

  it("[S4] reads no more rows than the table may have", async () => {
    const source = await run(
      declareSource(stock, {
        kind: "postgres",
        url,
        sql: `SELECT n::text AS item, 1 AS "left", now() AS changed FROM (SELECT generate_series(1, 100000000) AS n) many`,
      }),
    );
    await eventually(() => /more than the 3 rows/.test(source.down("stock") ?? ""));
  });

  it("[S2][S4] reads no more bytes than it may, whatever is in a row", async () => {
    const sql = `SELECT n::text AS item, 1 AS "left", now() AS changed, repeat('x', 100000000) AS more
      FROM generate_series(1, 3) n`;
    const source = await run(declareSource(stock, { kind: "postgres", url, sql, timeout: 10_000 }));
    await eventually(() => source.down("stock") === "The answer is larger than 16 MB");
    await source.othersGoOn();
  });

  it("[S2][S3] fails with words while the server is away, hangs or refuses, and works again", async () => {
    const source = await run(
      declareSource(shop, { kind: "postgres", url, sql: "SELECT 1 AS orders, 2 AS revenue", timeout: 1000 }),
    );
    await eventually(() => source.values("shop").orders === 1);
    await server.kill9();
    await eventually(() => /^127\.0\.0\.1:\d+ refuses connections$/.test(source.down("shop") ?? ""));
    await source.othersGoOn();
    await server.start();
    await eventually(() => source.health("shop").state === "Works" && source.down("shop") === undefined);
  });

  it("[S2] a server that hangs keeps nobody waiting", async () => {
    const source = await run(
      declareSource(shop, { kind: "postgres", url, sql: "SELECT 1 AS orders, 2 AS revenue", timeout: 1000 }),
    );
    await eventually(() => source.values("shop").orders === 1);
    const go = server.hang();
    try {
      await eventually(() => /No answer within 1 s|timeout|terminated/i.test(source.down("shop") ?? ""));
      await source.othersGoOn();
    } finally {
      go();
    }
    await eventually(() => source.health("shop").state === "Works");
  });

  it("[S4] tells no password, and is off without its address", async () => {
    const wrong = new URL(database);
    wrong.password = "s3cr3t-canary";
    wrong.port = "1";
    const secret = await new SourceRuntime(
      [declareSource(shop, { kind: "postgres", url, sql: "SELECT 1" })],
      { SHOP_DATABASE_URL: wrong.href },
    ).start();
    running = secret;
    await eventually(() => secret.down("shop"));
    await eventually(() => secret.health("shop").state === "Fails");
    expect(JSON.stringify([secret.down("shop"), secret.health("shop")])).not.toContain("canary");
    await secret.close();
    running = await new SourceRuntime(
      [declareSource(shop, { kind: "postgres", url, sql: "SELECT 1" })],
      {},
    ).start();
    await eventually(() => running!.health("shop").state === "Off");
    expect(running.health("shop").reason).toBe("SHOP_DATABASE_URL is not set");
  });
});

describe("the new rows of a table, for a feed", () => {
  const declared = declareSource(sales, {
    kind: "postgres",
    url,
    sql: "SELECT id, item, amount FROM sales WHERE id > $1 ORDER BY id",
    after: "id",
    every: 100,
  });
  const sell = (from: number, to: number) =>
    db.query("INSERT INTO sales SELECT n, 'item ' || n, n FROM generate_series($1::int, $2::int) n", [
      from,
      to,
    ]);
  const amounts = () => running!.items("sales").map(({ amount }) => amount);
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

  it("[S1] are stored once, in order, over restarts of both", async () => {
    await db.query("CREATE TABLE sales (id int PRIMARY KEY, item text, amount numeric)");
    await sell(1, 1200);
    await run(declared);
    await eventually(() => amounts().length === 1200);
    await running!.stop();
    await sell(1201, 1300);
    await running!.start();
    await eventually(() => amounts().length >= 1300);
    await server.kill9();
    await server.start();
    await db.end().catch(() => {});
    await connect();
    await sell(1301, 1310);
    await eventually(() => amounts().length >= 1310);
    expect(amounts()).toEqual(upTo(1310));
  });

  it("[S2] are asked for ten times a second at most, and only with a place in the query", async () => {
    const open = (options: object) => {
      const whole = { ...declared.options, ...options } as typeof declared.options;
      const context = { env: { SHOP_DATABASE_URL: database }, allowed: [] };
      return openSource({ channel: sales, options: whole }, context);
    };
    await expect(open({ every: 10 })).rejects.toThrow("every is at least 100 ms");
    await expect(open({ after: undefined })).rejects.toThrow("a feed needs after");
    await expect(open({ sql: "SELECT id FROM sales" })).rejects.toThrow("a feed needs after");
  });

  it("[S2][S3] are not waited for when the server hangs, and come once it goes on", async () => {
    await db.query("CREATE TABLE sales (id int PRIMARY KEY, item text, amount numeric)");
    await sell(1, 3);
    const hasty = { ...declared.options, timeout: 1000 } as typeof declared.options;
    const source = await run({ channel: sales, options: hasty });
    await eventually(() => amounts().length === 3);
    const go = server.hang();
    try {
      await eventually(() => /No answer within 1 s|timeout/.test(source.down("sales") ?? ""));
      await source.othersGoOn();
    } finally {
      go();
    }
    await sell(4, 5);
    await eventually(() => amounts().length >= 5 && source.down("sales") === undefined);
    expect(amounts()).toEqual(upTo(5));
  });

  it("[S3] are refused one by one where a value is wrong, and those after it come", async () => {
    await db.query("CREATE TABLE sales (id int PRIMARY KEY, item text, amount text)");
    await db.query("INSERT INTO sales VALUES (1, 'a', '1'), (2, 'b', '9007199254740993'), (3, 'c', '3')");
    const source = await run(declared);
    await eventually(() => amounts().length === 2);
    expect(amounts()).toEqual([1, 3]);
    await eventually(() => source.health("sales").rejected === 1);
    expect(source.health("sales").rejection).toMatch(/^amount: is beyond the exact integers/);
    expect(source.health("sales").state).toBe("Works");
  });

  it("[S3] are refused where they do not come in order", async () => {
    await db.query("CREATE TABLE sales (id int PRIMARY KEY, item text, amount numeric)");
    await sell(1, 3);
    const wrong = declareSource(sales, {
      kind: "postgres",
      url,
      sql: "SELECT id, item, amount FROM sales WHERE id > $1 ORDER BY id DESC",
      after: "id",
    });
    await run(wrong);
    await eventually(() => /do not come in the order of id/.test(running!.down("sales") ?? ""));
    expect(amounts()).toEqual([]);
  });
});

describe("LISTEN", () => {
  const declared = declareSource(sales, { kind: "postgres-listen", url, listen: "New Sales" });
  const notify = (payload: unknown) =>
    db.query(`SELECT pg_notify('New Sales', $1)`, [JSON.stringify(payload)]);

  it("[S2][S3] brings notifications as they come, and again after the server was away", async () => {
    await run(declared);
    await eventually(() => running!.health("sales").state === "Works");
    await notify({ item: "tea", amount: 3 });
    await notify([{ item: "rum", amount: 4 }, { item: "gin" }]);
    await notify({ colour: "red" });
    await eventually(() => running!.items("sales").length === 3);
    expect(running!.items("sales")).toEqual([
      { item: "tea", amount: 3 },
      { item: "rum", amount: 4 },
      { item: "gin" },
    ]);
    await eventually(() => running!.health("sales").rejected === 1);
    expect(running!.health("sales").rejection).toContain("colour");
    await server.kill9();
    await eventually(() => running!.down("sales"));
    await running!.othersGoOn();
    await server.start();
    await eventually(() => running!.health("sales").state === "Works");
    // It works again although nothing has come yet, and says so.
    await eventually(() => running!.down("sales") === undefined);
    await db.end().catch(() => {});
    await connect();
    await notify({ item: "ale" });
    await eventually(() => running!.items("sales").length === 4);
  });

  it("[S2] notices a server that went silent", async () => {
    await run(declared);
    await eventually(() => running!.health("sales").state === "Works");
    const go = server.hang();
    try {
      await eventually(() => /does not answer/.test(String(running!.health("sales").reason)));
    } finally {
      go();
    }
    await eventually(() => running!.health("sales").state === "Works", 60_000);
  });
});
