/** Where a Tryton (real or sandbox) is, and the password of its user `sales`. */
export interface ErpAddress {
  readonly url: string;
  readonly database: string;
  readonly salesPassword: string;
}

/** A person at work in the new ERP, entered as the user `sales` and not through the product. */
export class ErpPerson {
  readonly #url: string;
  readonly #authorization: string;
  readonly #context: unknown;

  private constructor(url: string, authorization: string, context: unknown) {
    this.#url = url;
    this.#authorization = authorization;
    this.#context = context;
  }

  static async enter(erp: ErpAddress): Promise<ErpPerson> {
    const url = `${erp.url}/${erp.database}/rpc/`;
    const post = async (method: string, params: unknown[], headers: Record<string, string> = {}): Promise<unknown> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ id: 1, method, params }),
      });
      return ((await response.json()) as { readonly result: unknown }).result;
    };
    const [id, key] = (await post('common.db.login', ['sales', { password: erp.salesPassword }])) as [number, string];
    const authorization = `Session ${Buffer.from(`sales:${String(id)}:${key}`).toString('base64')}`;
    const context = await post('model.res.user.get_preferences', [true, {}], { authorization });
    return new ErpPerson(url, authorization, context);
  }

  /** Calls a model method; the context is added. Throws with Tryton's words where it refuses. */
  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: this.#authorization },
      body: JSON.stringify({ id: 1, method: `model.${method}`, params: [...params, this.#context] }),
    });
    const answer = (await response.json()) as { readonly result?: unknown; readonly error?: unknown };
    if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
    return answer.result;
  }

  /** Ids of records that match a domain. */
  async search(model: string, domain: unknown): Promise<number[]> {
    return (await this.call(`${model}.search`, domain, 0, null, null)) as number[];
  }
}
