/** Slow, many and broken connections: what one client does must not keep the others waiting. */

import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { collect, exchange, httpRequest, open, readAnswers } from '../connection.ts';
import type { Answer } from '../connection.ts';
import { standing } from '../judgement.ts';
import { jwtBearer, tokenRequest } from '../target.ts';
import type { Target } from '../target.ts';
import { goodForm } from './requests.ts';

/** Not one request and one answer: what it does, and what has to come of it. */
export interface Siege {
  readonly name: string;
  readonly why: string;
  readonly lay: (target: Target) => Promise<void>;
}

const slowloris = 'Slowloris: requests that never end hold connections';
const slowBody = 'R.U.D.Y.: bodies that never end hold connections';
const many = 'connections without end';
const broken = 'clients that go away';

/** The org lets go of a head after 10 seconds and of a request after 30; it looks every second. */
const headMilliseconds = 13_000;
const requestMilliseconds = 34_000;

const head = 'POST /services/oauth2/token HTTP/1.1\r\nhost: localhost\r\n';
const formHead = `${head}content-type: application/x-www-form-urlencoded\r\n`;

/** Sends a beginning, then a piece from time to time; the org has to end it with a 408. */
function drip(start: string, piece: string, every: number, within: number) {
  return async ({ port }: Target): Promise<void> => {
    const socket = await open(port);
    const received = collect(socket, within);
    socket.write(start);
    const timer = setInterval(() => {
      if (socket.writable && piece !== '') socket.write(piece);
    }, every);
    try {
      const answers = readAnswers(await received);
      expect(answers.map(({ status }) => status)).toEqual([408]);
    } finally {
      clearInterval(timer);
    }
  };
}

function openMany(port: number, count: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const socket = await open(port);
      socket.on('error', () => socket.destroy());
      return socket;
    }),
  );
}

function statuses(answers: readonly (readonly Answer[])[]): number[] {
  return answers.flatMap((row) => row.map(({ status }) => status));
}

export const sieges: readonly Siege[] = [
  {
    name: 'a head, a byte every half second',
    why: slowloris,
    lay: drip(head, 'x', 500, headMilliseconds),
  },
  {
    name: 'a head, a field every second',
    why: slowloris,
    lay: drip(head, 'x: y\r\n', 1000, headMilliseconds),
  },
  {
    name: 'a head that stops',
    why: slowloris,
    lay: drip(`${head}content-`, '', 1000, headMilliseconds),
  },
  {
    name: 'a first line that stops',
    why: slowloris,
    lay: drip('GET /', '', 1000, headMilliseconds),
  },
  {
    name: 'HTTP/0.9, one line',
    why: slowloris,
    lay: drip('GET /\r\n', '', 1000, headMilliseconds),
  },
  {
    name: 'empty lines for ever',
    why: slowloris,
    lay: drip('\r\n', '\r\n', 500, headMilliseconds),
  },
  {
    name: 'a body, a byte every second',
    why: slowBody,
    lay: drip(`${formHead}content-length: 60000\r\n\r\n`, 'a', 1000, requestMilliseconds),
  },
  {
    name: 'a body that stops',
    why: slowBody,
    lay: drip(`${formHead}content-length: 60000\r\n\r\ngrant_type=`, '', 1000, requestMilliseconds),
  },
  {
    name: 'a body that never begins',
    why: slowBody,
    lay: drip(`${formHead}content-length: 60000\r\n\r\n`, '', 1000, requestMilliseconds),
  },
  {
    name: 'chunks, one every second',
    why: slowBody,
    lay: drip(
      `${formHead}transfer-encoding: chunked\r\n\r\n`,
      '1\r\na\r\n',
      1000,
      requestMilliseconds,
    ),
  },
  {
    name: 'an extension of a chunk, a byte every second',
    why: slowBody,
    lay: drip(`${formHead}transfer-encoding: chunked\r\n\r\n1;`, 'x', 1000, requestMilliseconds),
  },
  {
    name: '500 connections that say nothing',
    why: many,
    lay: async (target) => {
      const sockets = await openMany(target.port, 500);
      await standing(target);
      for (const socket of sockets) socket.destroy();
      await standing(target);
    },
  },
  {
    name: '300 connections in the middle of a head',
    why: many,
    lay: async (target) => {
      const sockets = await openMany(target.port, 300);
      for (const socket of sockets) socket.write(head);
      await standing(target);
      for (const socket of sockets) socket.destroy();
      await standing(target);
    },
  },
  {
    name: '300 connections in the middle of a body, gone at once',
    why: broken,
    lay: async (target) => {
      const sockets = await openMany(target.port, 300);
      for (const socket of sockets)
        socket.write(`${formHead}content-length: 60000\r\n\r\nassertion=`);
      await standing(target);
      for (const socket of sockets) socket.resetAndDestroy();
      await standing(target);
    },
  },
  {
    name: '200 wrong assertions at once',
    why: many,
    lay: async (target) => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, () => exchange(target.port, tokenRequest('a.b.c'))),
      );
      expect(statuses(answers)).toEqual(Array.from({ length: 200 }, () => 400));
    },
  },
  {
    name: '100 good assertions at once',
    why: many,
    lay: async (target) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, () => exchange(target.port, tokenRequest(target.assertion()))),
      );
      expect(statuses(answers)).toEqual(Array.from({ length: 100 }, () => 200));
    },
  },
  {
    name: 'one assertion 50 times at once',
    why: 'a race for a jti: the check and the note of it are one step',
    lay: async (target) => {
      const request = tokenRequest(target.assertion());
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => exchange(target.port, request)),
      );
      expect(statuses(answers).filter((status) => status === 200)).toHaveLength(1);
      expect(statuses(answers).filter((status) => status === 400)).toHaveLength(49);
    },
  },
  {
    name: '1,000 requests in one write, and nothing is read',
    why: 'answers that pile up',
    lay: async (target) => {
      const socket = await open(target.port);
      socket.pause();
      socket.on('error', () => socket.destroy());
      const request = httpRequest({
        method: 'GET',
        path: '/services/data',
        headers: { connection: undefined },
      });
      socket.write(Buffer.concat(Array.from({ length: 1000 }, () => request)));
      await standing(target);
      socket.destroy();
      await standing(target);
    },
  },
  {
    name: 'a client that is gone before the answer',
    why: broken,
    lay: async (target) => {
      for (let times = 0; times < 50; times += 1) {
        const socket = await open(target.port);
        socket.on('error', () => socket.destroy());
        socket.write(httpRequest({ body: `grant_type=${jwtBearer}&assertion=a.b.c` }), () =>
          socket.resetAndDestroy(),
        );
      }
      await standing(target);
    },
  },
  {
    name: 'a client that closes its half behind the request',
    why: 'RFC 9112 section 9.6: answered or closed, and never held',
    lay: async (target) => {
      const socket = await open(target.port);
      const received = collect(socket, 20_000);
      socket.end(httpRequest({ body: goodForm(target) }));
      const answers = readAnswers(await received);
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(answers.length).toBeLessThanOrEqual(1);
      await standing(target);
    },
  },
  {
    name: 'a client that closes its half in the body',
    why: 'RFC 9112 section 8: an incomplete message',
    lay: async (target) => {
      const socket = await open(target.port);
      const received = collect(socket, 20_000);
      socket.end(`${formHead}content-length: 60000\r\n\r\n${goodForm(target)}`);
      const answers = readAnswers(await received);
      expect(answers.every(({ status }) => status === 400)).toBe(true);
      await standing(target);
    },
  },
  {
    name: 'a client that closes its half in the chunks',
    why: 'RFC 9112 section 8: an incomplete message',
    lay: async (target) => {
      const form = goodForm(target);
      const socket = await open(target.port);
      const received = collect(socket, 20_000);
      const chunk = `${form.length.toString(16)}\r\n${form}\r\n`;
      socket.end(`${formHead}transfer-encoding: chunked\r\n\r\n${chunk}`);
      const answers = readAnswers(await received);
      expect(answers.every(({ status }) => status === 400)).toBe(true);
      await standing(target);
    },
  },
  {
    name: 'a connection that is kept and not used',
    why: many,
    lay: async ({ port }) => {
      const socket = await open(port);
      const received = collect(socket, 20_000);
      socket.write(
        httpRequest({ method: 'GET', path: '/services/data', headers: { connection: undefined } }),
      );
      expect(statuses([readAnswers(await received)])).toEqual([200]);
    },
  },
  {
    name: '300 connections that come and go',
    why: broken,
    lay: async (target) => {
      for (let times = 0; times < 3; times += 1) {
        for (const socket of await openMany(target.port, 100)) socket.destroy();
        await sleep(1);
      }
      await standing(target);
    },
  },
];
