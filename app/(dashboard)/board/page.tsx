import type { Metadata } from "next";
import { cookies } from "next/headers";
import { channels } from "@/lib/channels/registry";
import { BOARD_COOKIE, DEFAULT_NAME, isOverTime, widgetId } from "@/lib/shared/boards/board";
import { findPick } from "@/lib/shared/boards/catalogue";
import { type ShownBoard, shownBoard } from "@/lib/shared/boards/shown-board";
import { DashboardPage, type PageProps } from "../dashboard-page";
import { BoardWidget } from "./board-widget";
import { OwnBoard } from "./own-board";

async function readShown(searchParams: PageProps["searchParams"]): Promise<ShownBoard> {
  const [{ b }, cookie] = await Promise.all([searchParams, cookies()]);
  return shownBoard([b].flat()[0], cookie.get(BOARD_COOKIE)?.value);
}

export async function generateMetadata({ searchParams }: PageProps): Promise<Metadata> {
  return { title: (await readShown(searchParams)).board?.name ?? DEFAULT_NAME };
}

/** A viewer's own board, or the one of a link, with its numbers in the HTML. */
export default async function BoardPage({ searchParams }: PageProps) {
  const shown = await readShown(searchParams);
  const widgets = (shown.board?.widgets ?? []).map((widget) => {
    const found = findPick(channels, widget);
    const title = found?.title ?? widget.title ?? widget.channel;
    return { id: widgetId(widget), title, found, node: <BoardWidget pick={widget} found={found} /> };
  });
  const read = new Set(widgets.map(({ found }) => found?.channel));
  return (
    <DashboardPage
      searchParams={searchParams}
      title={shown.board?.name ?? DEFAULT_NAME}
      channels={channels.filter((channel) => read.has(channel))}
      timeless={!shown.board?.widgets.some(({ kind }) => isOverTime(kind))}
    >
      <OwnBoard shown={shown} widgets={widgets.map(({ id, title, node }) => ({ id, title, node }))} />
    </DashboardPage>
  );
}
