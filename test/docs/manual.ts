/** Commands of the documents that no test here runs: why, and which file covers them instead. */
export const elsewhere: readonly { readonly command: RegExp; readonly why: string; readonly covered: string }[] = [
  { command: /^npm test$/, why: 'this very run', covered: '.ci/run' },
  { command: /^npm run demo$/, why: 'a minute, and a terminal', covered: 'test/long/demo-terminal.test.ts' },
  { command: /^npm run demo -- --yes$/, why: 'a minute', covered: 'test/system/northwind.test.ts' },
  {
    command: /^npm run demo -- --real$/,
    why: 'builds a Tryton; the same plan runs there',
    covered: 'test/long/northwind-on-tryton.test.ts',
  },
  { command: /^npm run setup$/, why: '`npm test` begins with it', covered: 'package.json' },
  { command: /^npm run check$/, why: '`npm test` is the same and more', covered: 'package.json' },
  { command: /^npm run (format|lint|types|arrows|dead|copies)$/, why: '`npm test` begins with them', covered: 'package.json' },
  { command: /^npm run model$/, why: 'ten minutes; its quick cases are run', covered: 'test/model/model.test.ts' },
  { command: /^npm ci( --ignore-scripts)?$/, why: 'the set-up of older servers calls it', covered: 'test/adapters/sql-versions.ts' },
  { command: /^npm run test:chaos( |$)/, why: 'minutes; three of its seeds are part of the tests', covered: 'test/chaos/random.test.ts' },
  { command: /^npm run test:long$/, why: 'the other half of the tests', covered: 'package.json' },
  { command: /^npm run bench( |$)/, why: 'minutes; a small round of it is run', covered: 'test/bench/bench.test.ts' },
  { command: /^npm run schema$/, why: 'writes into the tree; what it writes is compared', covered: 'test/scripts/cli.test.ts' },
  {
    command: /^temporal (worker deployment (set-current-version|describe-version)|workflow terminate) /,
    why: 'workers of two versions',
    covered: 'test/long/versions.test.ts',
  },
  {
    command: /^pg_dump .* > my-business\/legacy\.sql$/,
    why: 'tests have no client programs of PostgreSQL; what it writes is read',
    covered: 'test/dev/own-legacy.test.ts',
  },
  { command: /^docker compose (up|logs) /, why: 'tests have no Docker; the file is checked', covered: 'test/house/compose.test.ts' },
];

/** Commands of docs/own-business.md, each run by test/long/own-business.test.ts at its place in the document. */
export const ownBusiness: readonly RegExp[] = [
  /^cp -r examples\/own-business my-business$/,
  /^npm run own-business -- my-business$/,
  /^\. my-business\/environment\.sh$/,
  /^npm run -s cutover -- (plan check|start) my-business\/plan\.yaml --env my-business\/env\.yaml$/,
  /^npm run -s cutover -- (status|gate|decide|report) cutover\/own-business\/1( |$)/,
  /^node -e 'fetch\(process\.env\.CUTOVER_ERP_URL \+ "\/_sandbox\/tables"\)\.then\(.*\)'$/,
];

const run = 'cutover/northwind/1';

/** Commands of the documents that are run here, by the place of a run where they belong; each pattern takes at least one. */
export const chapters = {
  names: /^cutover ([a-z]+|--version)$/,
  clone: /^npm run -s cutover --( <command>)?$|^cutover <command>$/,
  oneTest: /^npx vitest run test\/\S+$/,
  check: /^cutover plan check /,
  start: /^cutover start examples\//,
  status: new RegExp(`^cutover status ${run}$`),
  gate: new RegExp(`^cutover gate ${run}( --all)?$`),
  again: new RegExp(`^cutover gate ${run} --again$`),
  hold: new RegExp(`^cutover hold ${run} `),
  resume: new RegExp(`^cutover resume ${run} `),
  go: new RegExp(`^cutover decide ${run} go --by `),
  pilotGate: new RegExp(`^cutover gate ${run} switch-pilot$`),
  pilotGo: new RegExp(`^cutover decide ${run} go --gate switch-pilot `),
  noGo: new RegExp(`^cutover decide ${run} no-go `),
  retryGate: new RegExp(`^cutover gate ${run} retry-expansion1$`),
  retryGo: new RegExp(`^cutover decide ${run} go --gate retry-expansion1 `),
  waveBack: new RegExp(`^cutover rollback ${run} --scope expansion1 `),
  recover: /^cutover recover /,
  runBack: new RegExp(`^cutover rollback ${run} --scope run `),
  report: new RegExp(`^cutover report ${run}( |$)`),
  next: /^cutover start plan\.yaml /,
} as const;
