/** The second of Salesforce's three error shapes: a list of messages, from the REST API. */
export class RestError extends Error {
  override readonly name = 'RestError';
  /** HTTP status. */
  readonly status: number;
  /** Stable: clients compare it. */
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
  }

  toResponse(): Response {
    const { message, errorCode, status } = this;
    return restResponse([{ message, errorCode }], status);
  }
}

export function restResponse(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
    },
  });
}

export function notFound(): RestError {
  return new RestError(404, 'NOT_FOUND', 'The requested resource does not exist');
}
