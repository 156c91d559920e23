import { context, propagation, trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ask, served } from './served-org.ts';

test('a request is a span, with who asked for what and how it ended, and no secret', async () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  const { socket } = await served({ tracing: true });
  const { json } = await ask(socket, '/v1/token/nightly');
  await ask(socket, '/v1/proxy/nightly/services/data/v67.0/limits');
  await ask(socket, '/v1/token/nobody');
  await vi.waitFor(() => expect(exporter.getFinishedSpans()).toHaveLength(3));
  const told = exporter.getFinishedSpans().map(({ name, attributes }) => [name, attributes]);
  expect(told).toEqual([
    [
      'broker token',
      { 'sfjwt.caller': 'owner', 'sfjwt.profile': 'nightly', 'http.response.status_code': 200 },
    ],
    [
      'broker proxy',
      {
        'sfjwt.caller': 'owner',
        'sfjwt.profile': 'nightly',
        'url.path': '/services/data/v67.0/limits',
        'http.response.status_code': 200,
      },
    ],
    [
      'broker token',
      { 'sfjwt.caller': 'owner', 'sfjwt.profile': 'nobody', 'http.response.status_code': 404 },
    ],
  ]);
  expect(JSON.stringify(told)).not.toContain(String(json['accessToken']));
});
