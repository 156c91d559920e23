/** Spans by OpenTelemetry, for those who bring its SDK: `@opentelemetry/api` is an optional peer. */

import type { Span, Tracer } from '@opentelemetry/api';
import type { ClientEvent } from '@sfjwt/client';
import type { Visit } from './visit.ts';

export interface Tracing {
  /** A span around a request, below the caller's own where it sends one (W3C Trace Context). */
  around(visit: Visit, act: () => Promise<void>): Promise<void>;
  /** What the client of a profile did, as events of the span it happened in. */
  clientEvent(profile: string, event: ClientEvent): void;
}

export async function createTracing(): Promise<Tracing> {
  const { context, propagation, SpanKind, SpanStatusCode, trace } =
    await import('@opentelemetry/api');
  const tracer: Tracer = trace.getTracer('@sfjwt/broker');
  return {
    around({ incoming, outgoing, told }, act) {
      const parent = propagation.extract(context.active(), incoming.headers);
      const name = `broker ${incoming.method ?? ''}`;
      const run = async (span: Span): Promise<void> => {
        try {
          await act();
        } finally {
          const { action, caller, profile, path } = told;
          span.updateName(`broker ${action}`);
          for (const [key, value] of Object.entries({ caller, profile, 'url.path': path })) {
            if (value !== undefined)
              span.setAttribute(key.includes('.') ? key : `sfjwt.${key}`, value);
          }
          span.setAttribute('http.response.status_code', outgoing.statusCode);
          if (outgoing.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        }
      };
      return tracer.startActiveSpan(name, { kind: SpanKind.SERVER }, parent, run);
    },
    clientEvent(profile, event) {
      const span = trace.getActiveSpan();
      if (event.type === 'tokenReused') return;
      span?.addEvent(`sfjwt.${event.type}`, { 'sfjwt.profile': profile });
    },
  };
}
