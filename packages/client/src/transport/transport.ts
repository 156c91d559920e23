/** One HTTP exchange, small enough for any runtime. */
export interface TransportRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal | undefined;
  /** Limit for the whole exchange, in milliseconds. */
  timeoutMilliseconds: number;
  /** An answer with a longer body is given up. */
  maximumBytes: number;
}

export interface TransportResponse {
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * Sends one request. A redirect is an answer like any other: it is never followed.
 *
 * Rejects with a ClientError: ABORTED, TIMED_OUT, HOST_NOT_FOUND, CONNECTION_REFUSED,
 * CONNECTION_LOST, TLS_FAILED, RESPONSE_TOO_LARGE.
 */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Lets go of idle connections. */
  close(): void;
}
