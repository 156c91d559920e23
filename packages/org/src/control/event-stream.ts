/** The journal as it grows: server-sent events, as the HTML standard defines them (section 9.2). */

import type { JournalEntry, RequestJournal } from '../journal.ts';

/** Proxies and clients give up on a connection that says nothing for long. */
const heartbeatMilliseconds = 15_000;
/** A reader that is so far behind comes back and is told what it missed. */
const mostWaiting = 1000;

export interface EventStreamOptions {
  /** Number of the last entry that the reader has; what is kept since comes first. */
  after?: number | undefined;
  /** Which entries are told; all when left out. */
  fits?: (entry: JournalEntry) => boolean;
  /** What is told of an entry; all of it when left out. */
  tell?: (entry: JournalEntry) => unknown;
  /** Asked before anything is told; the stream ends once it says no. */
  isAllowed?: () => boolean;
}

export function eventStream(
  requests: RequestJournal,
  {
    after,
    fits = () => true,
    tell = (entry) => entry,
    isAllowed = () => true,
  }: EventStreamOptions = {},
): Response {
  const toEvent = (entry: JournalEntry): string =>
    `event: request\nid: ${entry.number}\ndata: ${JSON.stringify(tell(entry))}\n\n`;
  const encoder = new TextEncoder();
  let stop = (): void => {};
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const say = (text: string): void => {
          if ((controller.desiredSize ?? 0) > 0 && isAllowed()) {
            return controller.enqueue(encoder.encode(text));
          }
          stop();
          controller.close();
        };
        const unsubscribe = requests.subscribe((entry) => {
          if (fits(entry)) say(toEvent(entry));
        });
        const heartbeat = setInterval(() => say(':\n\n'), heartbeatMilliseconds);
        heartbeat.unref();
        stop = () => {
          unsubscribe();
          clearInterval(heartbeat);
        };
        say('retry: 1000\n\n');
        if (after === undefined) return;
        for (const entry of requests.list({ after }).filter(fits)) say(toEvent(entry));
      },
      cancel: () => stop(),
    },
    { highWaterMark: mostWaiting + 10 },
  );
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
  });
}
