/** Where one band of response times ends and the next begins, ms. The last band has no end. */
export const RESPONSE_EDGES = [5, 10, 25, 50, 100, 250, 500, 1000] as const;

/** The metrics of the channel `api` that have the rate of each band, from the fastest to the slowest. */
export const RESPONSE_BANDS = [
  ...(["under5", "under10", "under25", "under50", "under100"] as const),
  ...(["under250", "under500", "under1000", "over1000"] as const),
] as const;
