interface ChannelLinksProps {
  channels: readonly { name: string; title: string }[];
  current: string;
}

/** One link for each channel: they work without a script, and each can be sent to somebody. */
export function ChannelLinks({ channels, current }: ChannelLinksProps) {
  return (
    <nav aria-label="Channels" className="flex flex-wrap gap-2">
      {channels.map(({ name, title }) => (
        <a
          key={name}
          href={`?channel=${name}`}
          aria-current={name === current ? "page" : undefined}
          className="touch inline-flex h-9 items-center rounded-card border border-line bg-surface px-3 text-soft hover:bg-sunken hover:text-ink aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-accent"
        >
          {title}
        </a>
      ))}
    </nav>
  );
}
