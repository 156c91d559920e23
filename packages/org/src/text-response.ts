const texts = new WeakMap<Response, string>();

/** A response whose text stays at hand, so that a socket need not read it back from a stream. */
export function textResponse(text: string, init: ResponseInit): Response {
  const response = new Response(text, init);
  texts.set(response, text);
  return response;
}

export function textOf(response: Response): string | undefined {
  return texts.get(response);
}
