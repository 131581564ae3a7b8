"use client";

import { type ComponentType, type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { whenLive } from "@/components/live/when-live";
import { codeRetryMs } from "./code-retry";
import { reloadIfOutdated } from "./newer-build";

const never = () => () => {};
/** React leaves what the server put there while this is what it should hold. */
const KEEP = { __html: "" };

/** A component and where it comes from. */
interface Piece<P> {
  space: ReactNode;
  loaded: ComponentType<P> | undefined;
  /** Resolves once it is `loaded`. */
  load(): Promise<void>;
}

/**
 * A component that is in the server's HTML, while its code is no part of the page's first load: the HTML stands there
 * until the page is live and the code has come. `space` holds its place where there is no such HTML. `onServer` is the
 * component itself where the server renders, and `undefined` in a browser.
 *
 * React's own way, a lazy component in a Suspense boundary, would hide what is large until a script shows it.
 */
export function late<P extends object>(
  load: () => Promise<ComponentType<P>>,
  space: ReactNode,
  onServer: ComponentType<P> | undefined,
): ComponentType<P> {
  let loading: Promise<void> | undefined;
  const piece: Piece<P> = {
    space,
    loaded: onServer,
    async load() {
      loading ??= whenLive()
        .then(() => loadSurely(load))
        .then((component) => {
          piece.loaded = component;
        });
      await loading;
    },
  };
  return (props) => <Late piece={piece} props={props} />;
}

function Late<P extends object>({ piece, props }: { piece: Piece<P>; props: P }) {
  const [Shown, show] = useState(() => piece.loaded);
  const isHydrating = useSyncExternalStore(
    never,
    () => false,
    () => true,
  );
  const [hasHtml] = useState(isHydrating);
  useEffect(() => {
    if (Shown) return;
    let gone = false;
    void piece.load().then(() => gone || show(() => piece.loaded));
    return () => {
      gone = true;
    };
  }, [Shown, piece]);
  if (Shown)
    return (
      <div className="contents">
        <Shown {...props} />
      </div>
    );
  if (!hasHtml) return <div className="contents">{piece.space}</div>;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: nothing is set, what is there is left alone.
  return <div className="contents" suppressHydrationWarning dangerouslySetInnerHTML={KEEP} />;
}

/** It is tried again until it succeeds. */
async function loadSurely<T>(load: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await load();
    } catch {
      void reloadIfOutdated();
      await new Promise((resolve) => setTimeout(resolve, codeRetryMs(failures)));
    }
  }
}
