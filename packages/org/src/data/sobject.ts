import type { Field } from './field.ts';

export interface SObjectOptions {
  name: string;
  label: string;
  labelPlural: string;
  /** First three characters of its ids; none for what has no record of its own. */
  keyPrefix: string | undefined;
  fields: readonly Field[];
  custom?: boolean;
  createable?: boolean;
  updateable?: boolean;
  deletable?: boolean;
  /** Part of Setup: in no search, no layout, no recycle bin. */
  setup?: boolean;
}

/** An object of the org: what SOQL and REST may name, and what a table is made from. */
export class SObject {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string | undefined;
  readonly fields: readonly Field[];
  readonly custom: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly deletable: boolean;
  readonly setup: boolean;
  readonly #options: SObjectOptions;
  readonly #fields: ReadonlyMap<string, Field>;

  constructor(options: SObjectOptions) {
    this.#options = options;
    this.name = options.name;
    this.label = options.label;
    this.labelPlural = options.labelPlural;
    this.keyPrefix = options.keyPrefix;
    this.fields = options.fields;
    this.custom = options.custom ?? false;
    this.createable = options.createable ?? true;
    this.updateable = options.updateable ?? true;
    this.deletable = options.deletable ?? true;
    this.setup = options.setup ?? false;
    this.#fields = new Map(options.fields.map((one) => [one.name.toLowerCase(), one]));
  }

  /** Names are compared without regard to case, as everywhere in Salesforce. */
  field(name: string): Field | undefined {
    return this.#fields.get(name.toLowerCase());
  }

  /** The way up: the field behind a relationship name. */
  parentField(relationshipName: string): Field | undefined {
    const lower = relationshipName.toLowerCase();
    return this.fields.find((one) => one.relationshipName?.toLowerCase() === lower);
  }

  /** Deleted records go to the recycle bin and stay there. */
  get hasRecycleBin(): boolean {
    return this.field('IsDeleted') !== undefined;
  }

  /** The field that names a record in lists. */
  get nameField(): Field | undefined {
    return this.fields.find(({ nameField }) => nameField);
  }

  /** The same object with more fields; those it has already are kept. */
  with(fields: readonly Field[]): SObject {
    const added = fields.filter(({ name }) => this.field(name) === undefined);
    return new SObject({ ...this.#options, fields: [...this.fields, ...added] });
  }
}
