export { freePort } from "@/lib/cluster/free-port";
