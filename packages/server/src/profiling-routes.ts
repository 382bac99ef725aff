import type { Context } from "hono";
import { text, type App, type ServerEnv } from "./app.ts";
import { recordProfile, type ProfileKind } from "./profile.ts";

const defaultSeconds = 30;
const maxSeconds = 300;

/** What a name under `/debug/pprof/` gives, for the index. */
const endpoints: Readonly<Record<string, string>> = {
  "profile?seconds=30": "CPU profile (.cpuprofile)",
  "heap?seconds=30": "memory allocated meanwhile and still in use, by code (.heapprofile)",
  cmdline: "command line, arguments separated by NUL",
};

/**
 * `/debug/pprof/`: profiles of this process under the names of Go's, in the form of V8's. Behind the auth filter. A profile
 * may take up to 300 seconds, and one is taken at a time.
 */
export function profilingRoutes(app: App): void {
  let busy = false;

  const profile = async (context: Context<ServerEnv>, kind: ProfileKind): Promise<Response> => {
    const seconds = secondsOf(context.req.query("seconds"));
    if (seconds > maxSeconds)
      return text(context, 400, `A profile takes at most ${maxSeconds} seconds.\n`);
    if (busy) return text(context, 409, "Another profile is being taken; try again after it.\n");
    busy = true;
    try {
      const { signal } = context.req.raw;
      const body = await recordProfile(kind, { seconds, signal });
      const file = kind === "cpu" ? "profile.cpuprofile" : "heap.heapprofile";
      return context.body(body, 200, {
        "Content-Type": "application/json",
        "Content-Disposition": `attachment; filename="${file}"`,
        "X-Content-Type-Options": "nosniff",
      });
    } finally {
      busy = false;
    }
  };

  app.all("/debug/pprof", (context) => context.redirect("/debug/pprof/", 301));
  app.all("/debug/pprof/", (context) => context.html(index()));
  app.all("/debug/pprof/profile", (context) => profile(context, "cpu"));
  app.all("/debug/pprof/heap", (context) => profile(context, "heap"));
  app.all("/debug/pprof/cmdline", (context) => text(context, 200, commandLine(process.argv)));
  app.all("/debug/pprof/symbol", (context) =>
    text(context, 501, "Not needed: profiles of Node name functions and files themselves.\n"),
  );
  app.all("/debug/pprof/trace", (context) =>
    text(context, 501, "Node has no execution traces; /debug/pprof/profile has CPU profiles.\n"),
  );
  app.all("/debug/pprof/*", (context) => text(context, 404, "Unknown profile\n"));
}

/** Separated by NUL; passwords in URLs are not shown. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((word) => word.replace(/(:\/\/[^/@]*:)[^/@]*@/g, "$1***@")).join("\0");
}

/** As Go reads it: what is no number above 0 is the default. */
function secondsOf(given: string | undefined): number {
  const seconds = Number(given);
  return seconds > 0 ? seconds : defaultSeconds;
}

function index(): string {
  const rows = Object.entries(endpoints).map(
    ([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>\n`,
  );
  return `<!DOCTYPE html>
<html lang="en">
<head><meta charset="UTF-8"><title>/debug/pprof/</title></head>
<body>
<h1>/debug/pprof/</h1>
<ul>
${rows.join("")}</ul>
</body>
</html>
`;
}
