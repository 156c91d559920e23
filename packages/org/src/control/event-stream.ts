/** The journal as it grows: server-sent events, as the HTML standard defines them (section 9.2). */

import type { JournalEntry, RequestJournal } from '../journal.ts';

/** Proxies and clients give up on a connection that says nothing for long. */
const heartbeatMilliseconds = 15_000;
/** A reader that is so far behind comes back and is told what it missed. */
const mostWaiting = 1000;

/** @param after number of the last entry that the reader has; what is kept since comes first */
export function eventStream(requests: RequestJournal, after: number | undefined): Response {
  const encoder = new TextEncoder();
  let stop = (): void => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const say = (text: string): void => {
          if ((controller.desiredSize ?? 0) > 0) return controller.enqueue(encoder.encode(text));
          stop();
          controller.close();
        };
        const unsubscribe = requests.subscribe((entry) => say(toEvent(entry)));
        const heartbeat = setInterval(() => say(':\n\n'), heartbeatMilliseconds);
        heartbeat.unref();
        stop = () => {
          unsubscribe();
          clearInterval(heartbeat);
        };
        say('retry: 1000\n\n');
        if (after !== undefined) for (const entry of requests.list({ after })) say(toEvent(entry));
      },
      cancel: () => stop(),
    },
    { highWaterMark: mostWaiting + 10 },
  );
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  });
}

function toEvent(entry: JournalEntry): string {
  return `event: request\nid: ${entry.number}\ndata: ${JSON.stringify(entry)}\n\n`;
}
