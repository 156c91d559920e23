/** The first of Salesforce's three error shapes: the object of RFC 6749 section 5.2. */

export interface RefusalFields {
  error: string;
  /** Salesforce's own sentence, verbatim: clients match on it. */
  description: string;
  /** HTTP status; 400 when left out. */
  status?: number;
  /** What Login History shows as Status. */
  loginStatus: string;
}

/** Ends a request to an OAuth endpoint, which turns it into its answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: string;
  readonly description: string;
  readonly status: number;
  readonly loginStatus: string;

  constructor({ error, description, status = 400, loginStatus }: RefusalFields) {
    super(`${error}: ${description}`);
    this.error = error;
    this.description = description;
    this.status = status;
    this.loginStatus = loginStatus;
  }

  /** The two fields of an error answer. */
  toFields(): { error: string; error_description: string } {
    return { error: this.error, error_description: this.description };
  }
}
