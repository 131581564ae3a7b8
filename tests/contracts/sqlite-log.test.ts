import { createSqliteStorage } from "../support/log-sqlite";
import { describeLogContract } from "./log.contract";

describeLogContract("SQLite", createSqliteStorage);
