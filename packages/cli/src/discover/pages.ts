import {
  scrapeTarget,
  type DiscoveryState,
  type JobState,
  type LabelSet,
  type ScrapeTarget,
} from "@kube-state-mosaic/discovery";

/** Most targets on one page: relabeling is done anew for each of them. */
const pageSize = 200;

/** All jobs: how many targets each has and what it waits for. */
export function overviewPage(state: DiscoveryState, title: string): string {
  const rows = [...state.values()].map((jobState) => {
    const { job, problems } = jobState;
    const path = encodeURI(job.name).replace(/[?#]/g, encodeURIComponent);
    return html`<tr>
      <td><a href="/targets/${path}">${job.name}</a></td>
      <td class="${statusOf(jobState)}">${statusOf(jobState)}</td>
      <td>${targetCount(jobState)}</td>
      <td><a href="/sd/${path}">/sd/${path}</a></td>
      <td>${problems.map((problem) => html`<div>${problem}</div>`)}</td>
    </tr>`;
  });
  return page(
    title,
    html`<table>
      <tr>
        <th>Job</th>
        <th>State</th>
        <th>Targets discovered</th>
        <th>http_sd</th>
        <th>Waits for, fails at</th>
      </tr>
      ${rows}
    </table>`,
  );
}

/** The targets of a job before and after relabeling, and why one is not scraped. `search` keeps those with it in a label value. */
export function targetsPage(
  jobState: JobState,
  { search, offset }: { search: string; offset: number },
): string {
  const { job, groups, problems } = jobState;
  const found = groups.flatMap((group) =>
    group.targets
      .filter((target) => contains(target, search) || contains(group.labels, search))
      .map((target) => ({ group, target })),
  );
  const rows = found.slice(offset, offset + pageSize).map(({ group, target }) => {
    const result = scrapeTarget(target, group, job);
    return html`<tr>
      <td>${group.source}</td>
      <td>${labelList(result.discovered)}</td>
      <td>${outcome(result)}</td>
    </tr>`;
  });
  const last = Math.min(offset + pageSize, found.length);
  const next = new URLSearchParams({ search, offset: String(last) });
  const more = html`<a href="?${next.toString()}">next</a>`;
  return page(
    `Job ${job.name}`,
    html`<p>
        <a href="/">All jobs</a> · ${statusOf(jobState)} · ${job.relabeling.length} relabeling rules
      </p>
      ${problems.map((problem) => html`<p class="failing">${problem}</p>`)}
      <form>
        <input name="search" value="${search}" placeholder="label value" /> <button>Search</button>
      </form>
      <p>
        ${found.length === 0 ? "0" : `${offset + 1} to ${last}`} of ${found.length} targets
        ${last < found.length ? more : ""}
      </p>
      <table>
        <tr>
          <th>Group</th>
          <th>Before relabeling</th>
          <th>After relabeling</th>
        </tr>
        ${rows}
      </table>`,
  );
}

function outcome(result: ScrapeTarget): Html {
  if (result.kind === "active") return labelList(result.labels);
  return html`<strong class="failing">${result.kind}</strong>: ${result.reason}`;
}

function labelList(labels: LabelSet): Html {
  const lines = [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
  return html`${lines.map(([name, value]) => html`<div><b>${name}</b>="${value}"</div>`)}`;
}

function contains(labels: LabelSet, search: string): boolean {
  if (search === "") return true;
  for (const value of labels.values()) if (value.includes(search)) return true;
  return false;
}

function targetCount({ groups }: JobState): number {
  return groups.reduce((sum, { targets }) => sum + targets.length, 0);
}

function statusOf({ complete, problems, stuck }: JobState): "complete" | "failing" | "waiting" {
  if (stuck || (complete && problems.length > 0)) return "failing";
  return complete ? "complete" : "waiting";
}

/** Text that is HTML already. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[];

/** HTML in which everything filled in is escaped, unless it is HTML itself. */
function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(
    strings
      .map((text, index) => {
        const part = parts[index];
        return part === undefined ? text : text + textOf(part);
      })
      .join(""),
  );
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(({ text }) => text).join("");
  return String(part).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="UTF-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          body {
            font-family: system-ui, sans-serif;
            margin: 2rem;
          }
          table {
            border-collapse: collapse;
          }
          td,
          th {
            border: 1px solid #bbb;
            padding: 0.4rem;
            text-align: left;
            vertical-align: top;
            overflow-wrap: anywhere;
          }
          .failing {
            color: #a00;
          }
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html> `.text;
}
