"use client";

import { type PickerProps, WidgetPicker } from "@/components/boards/widget-picker";
import { channels } from "@/lib/channels/registry";
import { catalogueOf } from "@/lib/shared/boards/catalogue";

/** The catalogue is as large as the channels are many: it comes when it is asked for. */
const SECTIONS = catalogueOf(channels);

export default function Picker(props: Omit<PickerProps, "sections">) {
  return <WidgetPicker {...props} sections={SECTIONS} />;
}
