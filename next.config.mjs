/** @type {import("next").NextConfig} */
export default {
  // The lint and type checks are `npm run check`; a build only builds.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
};
