import type { Command } from 'commander';
import { cutoverProgram } from './program.ts';

const [begin, end] = ['<!-- commands: npm run schema -->', '<!-- end of commands -->'];

/** The page of the command line with the table of all commands as the program describes them. Throws where it has no place for the table. */
export function withCommandTable(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`The page has no lines ${begin} and ${end}, between which the table of commands stands.`);
  return `${page.slice(0, from + begin.length)}\n\n${commandTable()}\n${page.slice(to)}`;
}

function commandTable(): string {
  const rows = runnable(cutoverProgram(() => Promise.resolve())).map(
    ([name, command]) => `| \`${[name, ...command.registeredArguments.map(argumentText)].join(' ')}\` | ${command.description()} |`,
  );
  return ['| command | what it does |', '| --- | --- |', ...rows, ''].join('\n');
}

/** Commands below this one that do something, by their names behind its own. */
function runnable({ commands }: Command, before = ''): readonly (readonly [string, Command])[] {
  return commands.flatMap((command) => {
    const name = `${before}${command.name()}`;
    return command.commands.length === 0 ? [[name, command] as const] : runnable(command, `${name} `);
  });
}

function argumentText(argument: Command['registeredArguments'][number]): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}
