/** The fields of a form that was sent, read with a bound. */

import { BodyTooLarge } from '../../oauth/parameters.ts';

/** Those of a list in which every row has a box, and then some. */
const mostFields = 10_000;

/** Much more than any form of Setup, so that a file that is too large is told so on its page. */
const maximumBodyBytes = 8 * 1024 * 1024;

export interface Upload {
  name: string;
  bytes: Uint8Array;
}

export class SetupForm {
  readonly #texts = new Map<string, string[]>();
  readonly #uploads = new Map<string, Upload>();

  static async of(data: FormData): Promise<SetupForm> {
    const form = new SetupForm();
    let fields = 0;
    for (const [name, value] of data) {
      fields += 1;
      if (fields > mostFields) throw new BodyTooLarge();
      if (typeof value === 'string') {
        const texts = form.#texts.get(name);
        if (texts === undefined) form.#texts.set(name, [value]);
        else texts.push(value);
      } else if (value.size > 0 || value.name !== '') {
        const bytes = new Uint8Array(await value.arrayBuffer());
        form.#uploads.set(name, { name: value.name, bytes });
      }
    }
    return form;
  }

  /** Without the white space around it; empty when the field is not there. */
  text(name: string): string {
    return (this.#texts.get(name)?.at(-1) ?? '').trim();
  }

  /** To the letter, as passwords are. */
  exact(name: string): string {
    return this.#texts.get(name)?.at(-1) ?? '';
  }

  all(name: string): readonly string[] {
    return this.#texts.get(name) ?? [];
  }

  /** Whether a box was checked, or a button pressed. */
  has(name: string): boolean {
    return this.#texts.has(name);
  }

  /** A chosen file. */
  upload(name: string): Upload | undefined {
    return this.#uploads.get(name);
  }

  /** Everything but files, to tell a form that is sent twice from another one. */
  print(): string {
    return JSON.stringify([...this.#texts]);
  }
}

/** The body is no form. */
export class FormUnreadable extends Error {
  override readonly name = 'FormUnreadable';
}

/** @throws BodyTooLarge, FormUnreadable */
export async function readSetupForm(request: Request): Promise<SetupForm> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    // The rest is read and dropped: a browser that is still sending shows no answer.
    if (bytes <= maximumBodyBytes) chunks.push(chunk);
    else if (bytes > 8 * maximumBodyBytes) break;
  }
  if (bytes > maximumBodyBytes) throw new BodyTooLarge();
  const type = request.headers.get('content-type') ?? '';
  try {
    const body = new Response(Buffer.concat(chunks), { headers: { 'content-type': type } });
    return await SetupForm.of(await body.formData());
  } catch (cause) {
    if (cause instanceof BodyTooLarge) throw cause;
    throw new FormUnreadable('The body is not a form', { cause });
  }
}
