import { statusScript } from "./status-script.ts";
import { statusStyle } from "./status-style.ts";

/** The page at `/`, complete in itself: it shows `/status`, which it asks for every two seconds. */
export function statusPage(page: { readonly title: string; readonly version: string }): string {
  const title = escapeHtml(page.title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${statusStyle}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p id="verdict" class="pill" role="status">asking…</p>
<p id="facts"></p>
</header>
<main id="main"></main>
<footer>
<a href="/metrics">Metrics</a> <a href="/sd">Targets</a> <a href="/status">Status as JSON</a> <a href="/healthz">Healthz</a>
<span>${escapeHtml(page.version)}</span>
</footer>
<noscript>This page needs JavaScript; <a href="/status">the same as JSON</a>.</noscript>
<script>${statusScript}</script>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
