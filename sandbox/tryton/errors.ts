/** Errors a call ends with; its changes are rolled back. Each class is one of Tryton's own, answered with status 200. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

export class ConcurrencyException extends Error {
  override readonly name = 'ConcurrencyException';
}

/** A Python KeyError: an unknown field or model; Tryton answers nothing but its quoted name. */
export class UnknownName extends Error {
  override readonly name = 'KeyError';
}

/** An answer by HTTP status alone, such as 401 for a dead session. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}
