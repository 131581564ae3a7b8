import type { MetadataRoute } from "next";

/** What a browser needs to install Nowboard as an app of its own. */
export default function manifest(): MetadataRoute.Manifest {
  return {
    id: "/",
    name: "Nowboard",
    short_name: "Nowboard",
    description: "A live dashboard that says how old its numbers are.",
    start_url: "/",
    scope: "/",
    display: "standalone",
    // One colour for both themes: it is seen for as long as the first page takes.
    background_color: "#f6f7f9",
    theme_color: "#2f5fb3",
    icons: [
      { src: "/icon-192.png", sizes: "192x192", type: "image/png" },
      { src: "/icon-512.png", sizes: "512x512", type: "image/png" },
      { src: "/icon-maskable-512.png", sizes: "512x512", type: "image/png", purpose: "maskable" },
    ],
  };
}
