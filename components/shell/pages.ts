import {
  Activity,
  Cable,
  Columns3,
  Database,
  FlaskConical,
  LayoutDashboard,
  type LucideIcon,
  Plug,
  Send,
  Server,
  ShoppingBag,
} from "lucide-react";

export interface PageLink {
  href: string;
  title: string;
  /** For the narrow places: the collapsed rail and a phone's bottom bar. */
  short: string;
  icon: LucideIcon;
}

/** The pages of the navigation, in order. A new page's folder is added here. */
export const PAGES: readonly PageLink[] = [
  { href: "/", title: "Overview", short: "Overview", icon: LayoutDashboard },
  { href: "/infrastructure", title: "Infrastructure", short: "Infra", icon: Server },
  { href: "/api", title: "API", short: "API", icon: Activity },
  { href: "/database", title: "Database", short: "Data", icon: Database },
  { href: "/business", title: "Business", short: "Business", icon: ShoppingBag },
  { href: "/board", title: "My board", short: "Board", icon: Columns3 },
  { href: "/ops/connections", title: "Connections", short: "Nodes", icon: Cable },
  { href: "/ops/sources", title: "Sources", short: "Sources", icon: Plug },
  { href: "/docs/ingest", title: "Send data", short: "Send", icon: Send },
  { href: "/docs/widgets", title: "Widgets", short: "Widgets", icon: FlaskConical },
];

/** Whether the rail is collapsed; a cookie, so that the server renders it as it was left. */
export const RAIL_COOKIE = "nowboard-rail";
