import { deployRules } from './deploy-rules.ts';
import type { DeployRule, DeployRuleName } from './deploy-rules.ts';

/** Why something cannot be deployed, in Salesforce's words. */
export class DeployProblem extends Error {
  override readonly name = 'DeployProblem';
  readonly rule: DeployRuleName;

  /** @param values what the sentence is about, in order; long ones are cut */
  constructor(rule: DeployRuleName, ...values: readonly (string | number)[]) {
    super(sentence(deployRules[rule], values));
    this.rule = rule;
  }

  get problemType(): 'Error' | 'Warning' {
    return deployRules[this.rule].warning === true ? 'Warning' : 'Error';
  }
}

/** Longer than any name, and than the list of all scopes. */
const longest = 600;

function sentence({ words }: DeployRule, values: readonly (string | number)[]): string {
  return words
    .replace(/\{(\d)\}/g, (_whole, index: string) => String(values[Number(index)] ?? ''))
    .replace('{{', '{')
    .replace('}}', '}')
    .slice(0, longest + words.length);
}

/** A value of a stranger, as a sentence may hold it. */
export function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
