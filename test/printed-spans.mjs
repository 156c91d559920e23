// @ts-check
/** An SDK of OpenTelemetry for a program under test: each span is a line when it ends. */

import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** @type {import('@opentelemetry/sdk-trace-base').SpanExporter} */
const exporter = {
  export(spans, done) {
    for (const { name, kind, attributes, status, events } of spans) {
      console.log(JSON.stringify({ name, kind, attributes, status, events }));
    }
    done({ code: 0 });
  },
  shutdown: () => Promise.resolve(),
};

trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
);
