/** The style of the page: readable on a screen and on paper, without anything from outside. */
export const style = `
:root { color-scheme: light; --ink: #1d2430; --soft: #5b6575; --line: #d9dee6; --good: #1c7a3e; --bad: #b3261e; --open: #8a5a00; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--ink); margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 74rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; padding-bottom: .2rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .4rem; } h4 { font-size: .95rem; margin: 1rem 0 .3rem; }
.lead { color: var(--soft); margin: 0 0 1rem; } .none { color: var(--soft); font-style: italic; } .hash { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; margin: .3rem 0 .8rem; font-size: .88rem; }
th { text-align: left; color: var(--soft); font-weight: 600; } th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, td.word { white-space: nowrap; } td.long { overflow-wrap: anywhere; }
td.number, .equation td { font-variant-numeric: tabular-nums; } td.number, .equation :is(td, th):not(:first-child) { text-align: right; padding-right: 1.2rem; } td:first-child { white-space: nowrap; }
.badge { display: inline-block; padding: 0 .5rem; border-radius: .7rem; font-size: .8rem; font-weight: 600; border: 1px solid currentColor; color: var(--soft); }
.badge.good { color: var(--good); } .badge.bad { color: var(--bad); } .badge.open { color: var(--open); }
nav { margin: .8rem 0; } nav a { margin-right: 1rem; } a { color: #1b5bb5; }
@media print { body { padding: 0; max-width: none; font-size: 11px; } nav { display: none; } h2 { break-after: avoid; } tr, h3, h4 { break-inside: avoid; } table { font-size: 8px; } th, td { padding-right: .35rem; } .wide { overflow: visible; } }
`;
