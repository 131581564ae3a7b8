import type { DeclaredSource } from "@/lib/shared/sources/declare-source";

/**
 * Where channels get their data from, besides what this server knows by itself and what is posted. A new
 * `<channel>.source.ts` is added here. Only the server reads this file.
 */
export const declaredSources: readonly DeclaredSource[] = [];
