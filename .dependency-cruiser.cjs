/** The import rules of ARCHITECTURE.md: a room may import only what is listed for it. */
const rooms = {
  domain: ['domain', 'npm:zod'],
  contracts: ['contracts', 'domain', 'npm:zod'],
  records: ['records', 'contracts', 'domain', 'npm:zod', 'core:crypto', 'npm:canonicalize'],
  workflows: ['workflows', 'contracts', 'domain', 'npm:@temporalio/workflow', 'npm:@temporalio/common'],
  adapters: [
    'adapters',
    'contracts',
    'domain',
    'npm:zod',
    'npm:@jsforce/jsforce-node',
    'npm:csv-(parse|stringify)',
    'npm:undici',
    'npm:pg',
    'npm:@types/pg',
    'core:.+',
  ],
  ledger: ['ledger', 'contracts', 'domain', 'npm:kysely', 'npm:pg', 'npm:@types/pg', 'core:crypto'],
  // The ledger and the adapters reach activities as arguments; only the shapes of the ledger's rows are imported, as types (next rule).
  activities: ['activities', 'contracts', 'domain', 'records', 'reports', 'ledger', 'npm:@temporalio/activity', 'npm:@temporalio/common'],
  reports: ['reports', 'contracts', 'domain', 'records'],
  workers: ['workers', 'domain', 'contracts', 'records', 'workflows', 'adapters', 'ledger', 'activities', 'reports', 'npm:.+', 'core:.+'],
  scripts: [
    'scripts',
    'contracts',
    'domain',
    'records',
    'reports',
    'ledger',
    'npm:@temporalio/(client|common|envconfig|proto)',
    'npm:commander',
    'npm:yaml',
    'npm:zod',
    'core:.+',
    'file:package.json',
  ],
  sandbox: ['sandbox', 'contracts', 'domain', 'npm:csv-(parse|stringify)', 'core:.+'],
};
const pattern = (target) => {
  if (target.startsWith('npm:')) return `^(node_modules/)?${target.slice(4)}(/|$)`;
  if (target.startsWith('core:')) return target === 'core:.+' ? '^(node:)?[a-z_]+(/promises)?$' : `^(node:)?${target.slice(5)}$`;
  if (target.startsWith('file:')) return `^${target.slice(5).replaceAll('.', '[.]')}$`;
  return `^${target}/`;
};
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `${room}-imports`,
      severity: 'error',
      from: { path: `^${room}/`, pathNot: '^scripts/(dev|bench)/' },
      to: { pathNot: may.map(pattern) },
    })),
    {
      name: 'adapters-apart',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/([^/]+)/', pathNot: '^adapters/$1/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
