/** Metrics for Prometheus. prom-client is loaded by who asks for metrics. */

import type { ClientEvent } from '@sfjwt/client';
import type { Identity } from './identity.ts';
import type { Visit } from './visit.ts';

export interface Metrics {
  readonly contentType: string;
  answered(told: Visit['told'], status: number, seconds: number): void;
  tokenRefused(profile: string): void;
  /** What the client of a profile did. */
  clientEvent(profile: string, event: ClientEvent): void;
  text(identities: ReadonlyMap<string, Identity>, now: number): Promise<string>;
}

const actions = new Set(['token', 'headers', 'proxy', 'oauth', 'metrics', 'v1/profiles']);

export async function createMetrics(): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } =
    await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'sfjwt_broker_requests_total',
    help: 'Requests of callers, by what they asked for and how it ended',
    labelNames: ['action', 'caller', 'profile', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'sfjwt_broker_request_seconds',
    help: 'Time from a request of a caller to the end of its answer',
    labelNames: ['action'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 60],
    registers,
  });
  const logins = new Counter({
    name: 'sfjwt_broker_logins_total',
    help: 'Token requests sent to Salesforce, each of which counts as a login of the user',
    labelNames: ['profile'],
    registers,
  });
  const failures = new Counter({
    name: 'sfjwt_broker_login_failures_total',
    help: 'Token requests that brought no token, by code',
    labelNames: ['profile', 'code'],
    registers,
  });
  const refusals = new Counter({
    name: 'sfjwt_broker_tokens_refused_total',
    help: 'Tokens that Salesforce turned away before their end',
    labelNames: ['profile'],
    registers,
  });
  const warnings = new Counter({
    name: 'sfjwt_broker_warnings_total',
    help: 'Warnings of the client, such as a token store that is out of order',
    labelNames: ['profile'],
    registers,
  });
  const age = new Gauge({
    name: 'sfjwt_broker_token_age_seconds',
    help: 'Age of the present token',
    labelNames: ['profile'],
    registers,
  });
  const ready = new Gauge({
    name: 'sfjwt_broker_profile_ready',
    help: '1 as long as the last attempt to get a token of the profile succeeded',
    labelNames: ['profile'],
    registers,
  });
  /** Since Prometheus asked last: to find a metric by its labels costs as much as half a request. */
  const counts = new Map<string, { labels: Record<string, string | number>; count: number }>();
  return {
    contentType: registry.contentType,
    answered({ action, caller = '', profile = '' }, status, seconds) {
      // Strangers must not fill the memory with labels of their choice.
      const known = actions.has(action) ? action : 'other';
      const labels = { action: known, caller, profile: caller === '' ? '' : profile, status };
      const key = `${known} ${status} ${caller} ${labels.profile}`;
      const counted = counts.get(key);
      if (counted === undefined) counts.set(key, { labels, count: 1 });
      else counted.count += 1;
      durations.observe({ action: known }, seconds);
    },
    tokenRefused: (profile) => refusals.inc({ profile }),
    clientEvent(profile, event) {
      if (event.type === 'tokenRequested') logins.inc({ profile });
      else if (event.type === 'tokenRequestFailed') failures.inc({ profile, code: event.code });
      else if (event.type === 'warning') warnings.inc({ profile });
    },
    text(identities, now) {
      for (const { labels, count } of counts.values()) requests.inc(labels, count);
      counts.clear();
      age.reset();
      ready.reset();
      for (const { name, state } of identities.values()) {
        if (state.token !== undefined) {
          age.set({ profile: name }, Math.max(0, (now - state.token.receivedAt) / 1000));
        }
        if (state.token !== undefined || state.failure !== undefined) {
          ready.set({ profile: name }, state.failure === undefined ? 1 : 0);
        }
      }
      return registry.metrics();
    },
  };
}
