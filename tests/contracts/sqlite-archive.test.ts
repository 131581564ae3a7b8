import { sqliteArchives } from "../support/archive-storage";
import { describeArchiveContract } from "./archive.contract";

describeArchiveContract("SQLite", sqliteArchives);
