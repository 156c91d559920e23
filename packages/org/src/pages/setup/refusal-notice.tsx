import type { Child } from 'hono/jsx';
import { Message } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { Status } from '../elements/message.tsx';
import { grantRules, requestRules } from '../../oauth/token.ts';
import type { Rule, TraceEntry } from '../../trace.ts';
import type { Remedy } from './remedy.ts';

const rules: ReadonlyMap<string, Rule> = new Map(
  [...requestRules, ...Object.values(grantRules).flat()].map((rule) => [rule.name, rule]),
);

/** The step that refused: at most one, and always the last. */
export function refusalOf(trace: readonly TraceEntry[]): TraceEntry | undefined {
  return trace.find(({ passed }) => !passed);
}

/** The answer to the client, as far as the rule alone decides it. */
function answerOf({ rule }: TraceEntry, status: string): string | undefined {
  const { refusal, otherRefusals = [] } = rules.get(rule) ?? {};
  const said = [refusal, ...otherRefusals].filter((one) => one?.loginStatus === status);
  return said.map((one) => `${one?.error}: ${one?.description}`).join(' or ') || undefined;
}

/** Why somebody was refused, and where that is cured. */
export function RefusalNotice({
  refused,
  status,
  remedy,
}: {
  refused: TraceEntry;
  status: string;
  remedy: Remedy | undefined;
}): Child {
  const answer = answerOf(refused, status);
  return (
    <Message kind="error">
      <strong>Refused at the step "{refused.rule}"</strong>
      <dl class="pairs">
        <dt>Found</dt>
        <dd>
          <bdi>{refused.found}</bdi>
        </dd>
        <dt>Expected</dt>
        <dd>
          <bdi>{refused.expected ?? ''}</bdi>
        </dd>
        {answer === undefined ? null : (
          <>
            <dt>The client was told</dt>
            <dd>
              <code>{answer}</code>
            </dd>
          </>
        )}
        {remedy === undefined ? null : (
          <>
            <dt>Cure</dt>
            <dd>
              {remedy.advice} <a href={remedy.href}>{remedy.label}</a>
            </dd>
          </>
        )}
      </dl>
    </Message>
  );
}

/** The rules that were applied, in order, with what was found. */
export function TraceTable({ trace }: { trace: readonly TraceEntry[] }): Child {
  return (
    <Table
      caption="Steps of the request, in order. The first one that refuses is the last."
      rows={trace}
      columns={[
        {
          label: 'Step',
          cell: ({ rule }) => (
            <span title={rules.get(rule)?.source}>
              {rule}
              {rules.get(rule)?.assumption === true ? (
                <span class="quiet small"> (assumption)</span>
              ) : null}
            </span>
          ),
        },
        {
          label: 'Result',
          isNarrow: true,
          cell: ({ passed }) => (
            <Status kind={passed ? 'success' : 'error'}>{passed ? 'Passed' : 'Refused'}</Status>
          ),
        },
        { label: 'Found', cell: ({ found }) => <bdi>{found}</bdi> },
      ]}
    />
  );
}
