"use client";

import { useEffect, useState } from "react";
import { codeRetryMs } from "./code-retry";
import { reloadIfOutdated } from "./newer-build";

/**
 * A component, or another function, whose code is no part of the page's first load. It is fetched once it is `wanted`; when that fails,
 * again the next time it comes to be wanted, or a while later, unless the page is of a build that the server has no
 * more: then it is loaded anew. `load` is constant.
 */
export function useLazy<T>(load: () => Promise<{ default: T }>, wanted: boolean): T | undefined {
  const [Loaded, setLoaded] = useState<T>();
  const [failures, setFailures] = useState(0);
  useEffect(() => {
    if (Loaded || !wanted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    load().then(
      (module) => !gone && setLoaded(() => module.default),
      () => {
        if (gone) return;
        void reloadIfOutdated();
        timer = setTimeout(() => setFailures((count) => count + 1), codeRetryMs(failures));
      },
    );
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [Loaded, wanted, load, failures]);
  return Loaded;
}
