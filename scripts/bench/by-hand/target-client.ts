import { Agent, request } from 'node:http';
import { credentials } from '../target/target.ts';

/** Posts batches over connections that are kept, as many as there are calls in flight. */
export class TargetClient {
  readonly #url: string;
  readonly #agent: Agent;
  #token = '';

  constructor(url: string, concurrency: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  }

  async enter(): Promise<void> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    });
    const reply = (await this.#post('/services/oauth2/token', body.toString(), 'application/x-www-form-urlencoded')) as {
      readonly access_token: string;
    };
    this.#token = reply.access_token;
  }

  /** Creates accounts; returns their ids in the same order. */
  async create(accounts: readonly Readonly<Record<string, unknown>>[]): Promise<readonly string[]> {
    const records = accounts.map((account) => ({ attributes: { type: 'Account' }, ...account }));
    const body = JSON.stringify({ allOrNone: false, records });
    const receipts = (await this.#post('/services/data/v64.0/composite/sobjects', body, 'application/json')) as readonly {
      readonly id: string;
      readonly success: boolean;
    }[];
    const refused = receipts.filter(({ success }) => !success).length;
    if (refused > 0) throw new Error(`the target refused ${String(refused)} records`);
    return receipts.map(({ id }) => id);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, body: string, type: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), authorization: `Bearer ${this.#token}` };
      const sent = request(`${this.#url}${path}`, { method: 'POST', agent: this.#agent, headers }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (reply.statusCode === 200) resolve(JSON.parse(text));
          else reject(new Error(`the target answered ${String(reply.statusCode)}: ${text.slice(0, 200)}`));
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
