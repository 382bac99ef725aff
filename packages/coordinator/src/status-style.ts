/** The look of the status page: light or dark as the reader has it, one column on a phone. */
export const statusStyle: string = `
:root { color-scheme: light dark; --back: #f4f6f8; --card: #fff; --text: #1c2430; --dim: #5d6a7a; --line: #dde3ea; --good: #12805c; --bad: #c0362c; --warn: #a86400; }
@media (prefers-color-scheme: dark) { :root { --back: #10151c; --card: #19212b; --text: #e4eaf1; --dim: #93a1b1; --line: #2b3643; --good: #3ecf9a; --bad: #ff7a6e; --warn: #f0b350; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin-bottom: 1rem; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: .95rem; margin: 0 0 .6rem; }
header p { margin: 0; }
#facts { color: var(--dim); flex-basis: 100%; }
.pill { padding: .2rem .8rem; border-radius: 1rem; color: #fff; background: var(--dim); font-weight: 600; }
.pill.good { background: #12805c; } .pill.bad { background: #c0362c; } .pill.warn { background: #a86400; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 34rem), 1fr)); gap: 1rem; align-items: start; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem; min-width: 0; }
section.wide { grid-column: 1 / -1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--dim); font-weight: 500; font-size: .85rem; }
th, td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.text { white-space: normal; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; }
td.name { white-space: normal; overflow-wrap: anywhere; min-width: 7rem; }
tr:last-child td { border-bottom: 0; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .dim { color: var(--dim); }
.pill.good, .pill.bad, .pill.warn { color: #fff; }
.dot { display: inline-block; width: .75em; height: .75em; border-radius: .2em; margin-right: .45em; vertical-align: -.05em; }
svg.slots { width: 100%; height: auto; display: block; border-radius: .3rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .6rem 0 0; padding: 0; list-style: none; color: var(--dim); font-size: .9rem; }
.bar { height: .45rem; border-radius: .25rem; background: var(--line); overflow: hidden; min-width: 5rem; }
.bar i { display: block; height: 100%; background: #3b7dd8; }
ul.faults { margin: 0; padding-left: 1.1rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { body { padding: .7rem; } section { padding: .8rem; } th, td { padding-right: .5rem; font-size: .88rem; } .wide-only { display: none; } }
footer { margin: 1.2rem 0; color: var(--dim); display: flex; flex-wrap: wrap; gap: 1rem; }
a { color: inherit; }
`;
