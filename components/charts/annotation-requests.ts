"use client";

import type { AnnotationKind } from "@/lib/shared/annotations";

/** Longer than this nobody waits, ms. */
const LIMIT_MS = 10_000;

export interface NewAnnotation {
  kind: AnnotationKind;
  title: string;
  text?: string;
  /** When it happened, ms. */
  ts: number;
}

/**
 * Stores an annotation. Sent again with the same `key` it is stored once. Never rejects: gives why it could not be
 * stored, in words.
 */
export function addAnnotation(annotation: NewAnnotation, key: string): Promise<string | undefined> {
  return request("/api/annotations", {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(annotation),
  });
}

/** Takes back an annotation that was added by hand. Never rejects: gives why it could not be. */
export function removeAnnotation(key: string): Promise<string | undefined> {
  return request(`/api/annotations/${key}`, { method: "DELETE" });
}

async function request(path: string, init: RequestInit): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const response = await fetch(path, { ...init, cache: "no-store", redirect: "error", signal });
    if (response.status === 201 || response.status === 204) return undefined;
    const problem: { title?: unknown; detail?: unknown } = await response.json();
    return `${problem.detail ?? problem.title ?? `error ${response.status}`}`;
  } catch {
    return "the server could not be reached.";
  }
}
