import { afterAll } from "vitest";
import { createRedisStorage } from "../support/log-redis";
import { startRedis } from "../support/redis-server";
import { describeLogContract } from "./log.contract";

const redis = await startRedis({ args: ["--appendonly", "yes"] });
afterAll(() => redis.close());

describeLogContract("Redis", () => createRedisStorage(redis.url));
