import type { Channel } from "@/lib/shared/define-channel";
import { annotations } from "./annotations";
import { api } from "./api";
import { business } from "./business";
import { cluster } from "./cluster";
import { connections } from "./connections";
import { database } from "./database";
import { cores } from "./host-cores";
import { disks } from "./host-disks";
import { interfaces } from "./host-interfaces";
import { infrastructure } from "./infrastructure";
import { nodes } from "./nodes";
import { notices } from "./notices";
import { orders } from "./orders";
import { regions } from "./regions";
import { sources } from "./sources";

/** Every channel that this deployment serves. A new channel file is added here. */
export const channels: readonly Channel[] = [
  infrastructure,
  cores,
  disks,
  interfaces,
  api,
  database,
  business,
  orders,
  regions,
  notices,
  annotations,
  cluster,
  nodes,
  connections,
  sources,
];
