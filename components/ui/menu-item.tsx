"use client";

import { Menu } from "@base-ui/react/menu";
import type { LucideIcon } from "lucide-react";

interface MenuItemProps {
  icon: LucideIcon;
  choose: () => void;
  /** The menu stays open, to say what became of it. */
  stays?: boolean;
  disabled?: boolean;
  children: string;
}

/** One thing that a menu offers. */
export function MenuItem({ icon: Icon, choose, stays = false, disabled, children }: MenuItemProps) {
  return (
    <Menu.Item
      onClick={choose}
      closeOnClick={!stays}
      disabled={disabled}
      className="touch flex h-9 cursor-pointer select-none items-center gap-2 rounded-sm px-2 outline-none data-disabled:cursor-default data-highlighted:bg-sunken data-disabled:text-soft"
    >
      <Icon aria-hidden className="size-4 text-soft" strokeWidth={1.75} />
      {children}
    </Menu.Item>
  );
}
