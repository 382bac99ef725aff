import type { App } from "./app.ts";

export interface LandingPage {
  readonly title: string;
  readonly description: string;
  readonly version: {
    readonly version: string;
    readonly branch: string;
    readonly revision: string;
  };
  readonly links: readonly { readonly path: string; readonly text: string }[];
}

/** `/`: a small page that says what is running and where its endpoints are. */
export function landingRoute(app: App, page: LandingPage): void {
  const html = landingPage(page);
  app.all("/", (context) =>
    context.body(html, 200, { "Content-Type": "text/html; charset=UTF-8" }),
  );
}

/** The page as HTML; all texts are escaped. */
export function landingPage({ title, description, version, links }: LandingPage): string {
  const { version: number, branch, revision } = version;
  const items = links.map(
    ({ path, text }) => `<li><a href="${escapeHtml(path)}">${escapeHtml(text)}</a></li>\n`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem; }</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(description)}</p>
<p>Version: (version=${escapeHtml(number)}, branch=${escapeHtml(branch)}, revision=${escapeHtml(revision)})</p>
<ul>
${items.join("")}</ul>
</body>
</html>
`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
