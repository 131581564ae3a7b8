import type { NoticeLevel } from "@/lib/channels/notices";

/** What the demo shop sells; prices in cents. */
export const ITEMS = [
  { name: "Stoneware mug", cents: 1490, weight: 16 },
  { name: "Beeswax candle", cents: 1250, weight: 14 },
  { name: "Linen towel", cents: 1950, weight: 13 },
  { name: "Tea strainer", cents: 890, weight: 11 },
  { name: "Bread knife", cents: 4900, weight: 8 },
  { name: "Cast-iron pan", cents: 7490, weight: 7 },
  { name: "Desk lamp", cents: 6400, weight: 7 },
  { name: "Wool blanket", cents: 8900, weight: 6 },
  { name: "Oak stool", cents: 11_900, weight: 4 },
  { name: "Espresso maker", cents: 23_900, weight: 2 },
] as const;

/** Where it sells, and how much of its trade each region is. */
export const REGIONS = [
  { name: "Germany", weight: 30 },
  { name: "France", weight: 21 },
  { name: "Italy", weight: 14 },
  { name: "Spain", weight: 12 },
  { name: "Netherlands", weight: 10 },
  { name: "Austria", weight: 7 },
  { name: "Ireland", weight: 6 },
] as const;

export const QUANTITIES = [
  { count: 1, weight: 78 },
  { count: 2, weight: 16 },
  { count: 3, weight: 6 },
] as const;

export const FIRST_NAMES = [
  ...[
    "Aoife",
    "Bruno",
    "Carla",
    "Daan",
    "Elena",
    "Felix",
    "Giulia",
    "Hugo",
    "Ines",
    "Jonas",
    "Klara",
    "Liam",
  ],
  ...["Marta", "Nils", "Olivia", "Pablo", "Rosa", "Sofie", "Theo", "Ugo", "Vera", "Willem", "Yara", "Zoe"],
] as const;

/** Trade by hour of the day, 1 being an average hour: quiet nights, a lunch break, a long evening. */
const HOURS = [
  ...[0.4, 0.3, 0.25, 0.25, 0.25, 0.3, 0.45, 0.7, 0.9, 1.05, 1.15, 1.25],
  ...[1.35, 1.3, 1.2, 1.15, 1.2, 1.3, 1.5, 1.75, 1.9, 1.75, 1.35, 0.95],
];
const MEAN = HOURS.reduce((sum, share) => sum + share, 0) / HOURS.length;

/** How busy a time of day is, in seconds since midnight; 1 on average. */
export function busyness(second: number): number {
  const hour = second / 3600;
  const [from, to] = [HOURS[Math.floor(hour) % 24]!, HOURS[(Math.floor(hour) + 1) % 24]!];
  return (from + (to - from) * (hour % 1)) / MEAN;
}

/** What now and then happens in a shop. */
export const EVENTS: readonly { level: NoticeLevel; title: string; text: string; weight: number }[] = [
  {
    level: "attention",
    title: "Stock is low",
    text: "Fewer than ten wool blankets are left in the warehouse.",
    weight: 4,
  },
  {
    level: "info",
    title: "Delivery on its way",
    text: "The supplier sent 400 stoneware mugs; they arrive tomorrow.",
    weight: 4,
  },
  {
    level: "attention",
    title: "Parcels are late",
    text: "The carrier reports half a day of delay for Ireland.",
    weight: 2,
  },
  {
    level: "bad",
    title: "Card payments fail",
    text: "The payment provider declined more than a tenth of the last payments.",
    weight: 1,
  },
  {
    level: "good",
    title: "A customer praises the shop",
    text: "A review with five stars was left for the cast-iron pan.",
    weight: 3,
  },
];
