/** The second of Salesforce's three error shapes: a list of messages, from the REST API. */
export class RestError extends Error {
  override readonly name = 'RestError';
  /** HTTP status. */
  readonly status: number;
  /** Stable: clients compare it. */
  readonly errorCode: string;
  /** Fields of a record that are to blame; not part of the answer when it is not about a record. */
  readonly fields: readonly string[] | undefined;

  constructor(status: number, errorCode: string, message: string, fields?: readonly string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }

  /** As one of the list of an answer. */
  toJSON(): object {
    const { message, errorCode, fields } = this;
    return { message, errorCode, ...(fields === undefined ? {} : { fields }) };
  }

  toResponse(): Response {
    return restResponse([this], this.status);
  }
}

export function restResponse(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), {
    status,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
      ...headers,
    },
  });
}

export function notFound(): RestError {
  return new RestError(404, 'NOT_FOUND', 'The requested resource does not exist');
}

/** @param allowed in Salesforce's order: HEAD and GET first */
export function methodNotAllowed(method: string, allowed: readonly string[]): RestError {
  return new RestError(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed.join(',')}`,
  );
}

/** A record that is asked for by something that names none. */
export function noSuchRecord(value: string): RestError {
  return new RestError(
    404,
    'NOT_FOUND',
    `Provided external ID field does not exist or is not accessible: ${value}`,
  );
}
