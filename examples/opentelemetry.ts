// Spans and metrics from `onEvent`. Only the API of OpenTelemetry is needed here: the application
// chooses the SDK and where the spans go (`node --import ./otel.mjs opentelemetry.ts`).
import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import { connect } from '@sfjwt/client';
import type { EventListener } from '@sfjwt/client';

/** One span for each token request; counters for reuse, retries and refusals. */
function telemetry(): EventListener {
  const tracer = trace.getTracer('sfjwt');
  const events = metrics.getMeter('sfjwt').createCounter('sfjwt.events');
  // A connection has one token request under way at a time.
  let span: Span | undefined;
  return (event) => {
    events.add(1, { type: event.type });
    switch (event.type) {
      case 'tokenRequested': {
        span = tracer.startSpan('salesforce token request', {
          kind: SpanKind.CLIENT,
          attributes: {
            'url.full': event.tokenEndpoint,
            'enduser.id': event.username,
            'sfjwt.audience': event.audience,
          },
        });
        break;
      }
      case 'tokenReceived': {
        span?.setAttribute('sfjwt.instance_url', event.instanceUrl);
        span?.end();
        break;
      }
      case 'tokenRequestFailed': {
        span?.setStatus({ code: SpanStatusCode.ERROR, message: event.code });
        span?.setAttribute('error.type', event.code);
        span?.end();
        break;
      }
      case 'tokenRetry':
      case 'refusalRepeated': {
        trace.getActiveSpan()?.addEvent(event.type, { code: event.code });
        break;
      }
      case 'clockSkew': {
        trace.getActiveSpan()?.addEvent(event.type, { seconds: event.offsetSeconds });
        break;
      }
      case 'warning': {
        trace.getActiveSpan()?.addEvent(event.type, { message: event.message });
        break;
      }
      // Counted above, and nothing more to say.
      case 'tokenReused':
      case 'tokenRefresh':
      case 'tokenRefused': {
        break;
      }
    }
  };
}

const salesforce = connect({ onEvent: telemetry() });
await trace.getTracer('nightly-sync').startActiveSpan('nightly sync', async (span) => {
  const response = await salesforce.fetch('/services/data/v67.0/query?q=SELECT+Id+FROM+Account');
  console.log(response.status);
  span.end();
});
