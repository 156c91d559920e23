import { Refusal } from './oauth/oauth-error.ts';
import type { RefusalFields } from './oauth/oauth-error.ts';

/** One rule of the token endpoint. */
export interface Rule {
  /** A few words, as the trace and Login History show them. */
  readonly name: string;
  /** Where the rule comes from: an RFC section, a Salesforce page, or an observation. */
  readonly source: string;
  /** The answer to whoever breaks it, in Salesforce's own words. */
  readonly refusal: RefusalFields;
  /** Where Salesforce has other words for some who break it. */
  readonly otherRefusals?: readonly RefusalFields[];
  /** Salesforce's behaviour is not known: this is the strict reading no known client breaks on. */
  readonly assumption?: true;
}

export interface TraceEntry {
  readonly rule: string;
  readonly passed: boolean;
  /** What was found in the request or in the org. */
  readonly found: string;
  /** What would have passed; on the refusing step only. */
  readonly expected?: string;
}

/** The steps of one token request: which were passed, and which one refused and why. */
export class Trace {
  readonly entries: TraceEntry[] = [];

  pass(rule: Rule, found: string): void {
    this.entries.push({ rule: rule.name, passed: true, found: shorten(found) });
  }

  /** Notes the refusing step; the caller throws what is returned. */
  refuse(rule: Rule, expected: string, found: string, refusal = rule.refusal): Refusal {
    this.entries.push({ rule: rule.name, passed: false, found: shorten(found), expected });
    return new Refusal(refusal);
  }
}

/** Whatever a stranger sends, a trace stays small. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
