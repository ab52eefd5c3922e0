import { serve } from '../http-server.ts';
import type { SandboxReply, SandboxRequest } from '../http-server.ts';
import { announce, setting } from '../process.ts';
import { startProxy } from './proxy.ts';
import type { RuleBook } from './rules.ts';
import { createRuleBook, parseRule } from './rules.ts';

const rules = createRuleBook();
const target = {
  url: new URL(setting('FAULT_PROXY_TARGET', process.argv[2])),
  keepsConnections: process.env['FAULT_PROXY_KEEPS_CONNECTIONS'] === 'true',
};
const proxy = await startProxy(target, rules, Number(setting('FAULT_PROXY_PORT', '0')));
const control = await serve((request) => controlReply(rules, request), Number(setting('FAULT_PROXY_CONTROL_PORT', '0')));

announce({ url: proxy.url, control: control.url }, async () => {
  await Promise.all([proxy.close(), control.close()]);
});

/** `POST /_proxy/rules` adds a rule, `DELETE /_proxy/rules` removes all, `GET /_proxy/hits` tells what each one met. */
function controlReply(book: RuleBook, request: SandboxRequest): SandboxReply {
  switch (`${request.method} ${request.path}`) {
    case 'POST /_proxy/rules':
      return added(book, request.body);
    case 'DELETE /_proxy/rules':
      book.clear();
      return { status: 200, body: { rules: 0 } };
    case 'GET /_proxy/hits':
      return { status: 200, body: book.hits() };
    default:
      return { status: 404, body: 'no such control endpoint; there are POST /_proxy/rules, DELETE /_proxy/rules, GET /_proxy/hits' };
  }
}

function added(book: RuleBook, body: string): SandboxReply {
  try {
    book.add(parseRule(body));
    return { status: 200, body: { rules: book.hits().length } };
  } catch (error) {
    return { status: 400, body: error instanceof Error ? error.message : 'this is no rule' };
  }
}
