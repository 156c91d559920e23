/**
 * Loaded into every Node that runs a foreign client, before the client: what it wants from any host
 * but this machine is refused, and the name of the host is noted, one a line. Below the client, so
 * that no library, proxy setting or process of its own goes around it.
 */

'use strict';

const { appendFileSync } = require('node:fs');
const dns = require('node:dns');
const { Socket } = require('node:net');
const datagram = require('node:dgram');
const { promisify } = require('node:util');

const log = process.env.FENCE_LOG;
const local = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/;

function refused(host) {
  if (log !== undefined) appendFileSync(log, `${host}\n`);
  return Object.assign(new Error(`connect ENETUNREACH ${host}`), {
    code: 'ENETUNREACH',
    syscall: 'connect',
  });
}

const { connect } = Object.getOwnPropertyDescriptors(Socket.prototype);
Socket.prototype.connect = function fencedConnect(...words) {
  // Node's own callers hand over what they have normalized before: [[options, callback]].
  const [first, second] = Array.isArray(words[0]) ? words[0] : words;
  const options =
    typeof first === 'object'
      ? first
      : { port: first, host: typeof second === 'string' ? second : undefined };
  const host = options.host ?? options.hostname ?? 'localhost';
  const isFile = options.path !== undefined && options.path !== null && options.port === undefined;
  if (isFile || (typeof first === 'string' && Number.isNaN(Number(first))) || local.test(host)) {
    return connect.value.apply(this, words);
  }
  const error = refused(host);
  process.nextTick(() => this.destroy(error));
  return this;
};

for (const name of Object.keys(dns.promises)) {
  if (!/^(?:lookup|resolve|reverse)/.test(name)) continue;
  const { [name]: ask } = dns;
  const { [name]: askSoon } = dns.promises;
  dns.promises[name] = async (host, ...rest) => {
    if (local.test(String(host))) return askSoon.call(dns.promises, host, ...rest);
    throw Object.assign(refused(host), { code: 'ENOTFOUND' });
  };
  dns[name] = (host, ...rest) => {
    if (local.test(String(host))) return ask.call(dns, host, ...rest);
    const error = Object.assign(refused(host), { code: 'ENOTFOUND' });
    process.nextTick(rest.at(-1), error);
    return undefined;
  };
  // `promisify` takes this one, which tells more than the callback's second word.
  dns[name][promisify.custom] = dns.promises[name];
}
for (const Resolver of [dns.Resolver, dns.promises.Resolver]) {
  for (const name of Object.getOwnPropertyNames(Resolver.prototype)) {
    if (!/^(?:resolve|reverse)/.test(name)) continue;
    Resolver.prototype[name] = function fencedResolver(host) {
      throw refused(host);
    };
  }
}

datagram.Socket.prototype.send = function fencedSend() {
  throw refused('a datagram');
};
