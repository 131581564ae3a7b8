/** Imported before anything else, as libraries keep the timers that they find. */
import { hurry } from "../hurry";

const query = new URLSearchParams(location.search);
const speed = Number(query.get("speed") ?? 1);
if (speed > 1) hurry({ speed, since: Number(query.get("since")) });
