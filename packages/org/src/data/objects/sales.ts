/** Accounts, contacts, leads, opportunities and products. */

import {
  address,
  checkbox,
  currency,
  date,
  datetime,
  email,
  field,
  integer,
  owner,
  percent,
  phone,
  picklist,
  readOnly,
  recordFields,
  reference,
  required,
  system,
  text,
  textarea,
  url,
} from '../field.ts';
import { SObject } from '../sobject.ts';

const industries = [
  'Agriculture',
  'Apparel',
  'Banking',
  'Biotechnology',
  'Chemicals',
  'Communications',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
  'Engineering',
  'Entertainment',
  'Environmental',
  'Finance',
  'Food & Beverage',
  'Government',
  'Healthcare',
  'Hospitality',
  'Insurance',
  'Machinery',
  'Manufacturing',
  'Media',
  'Not For Profit',
  'Recreation',
  'Retail',
  'Shipping',
  'Technology',
  'Telecommunications',
  'Transportation',
  'Utilities',
  'Other',
];
const ratings = ['Hot', 'Warm', 'Cold'];
const salutations = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.'];
const leadSources = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];

/** First name, last name, and the name that follows from them. */
const personName = [
  text('LastName', 80, required),
  text('FirstName', 40),
  picklist('Salutation', salutations),
  text('Name', 121, { ...system, label: 'Full Name', nameField: true, calculated: true }),
];

const account = new SObject({
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  keyPrefix: '001',
  fields: recordFields([
    text('Name', 255, { ...required, label: 'Account Name', nameField: true }),
    picklist('Type', [
      'Prospect',
      'Customer - Direct',
      'Customer - Channel',
      'Channel Partner / Reseller',
      'Installation Partner',
      'Technology Partner',
      'Other',
    ]),
    reference('ParentId', 'Account', 'ChildAccounts'),
    ...address('Billing'),
    ...address('Shipping'),
    phone('Phone'),
    phone('Fax'),
    text('AccountNumber', 40),
    url('Website'),
    text('Sic', 20),
    picklist('Industry', industries),
    currency('AnnualRevenue'),
    integer('NumberOfEmployees'),
    picklist('Ownership', ['Public', 'Private', 'Subsidiary', 'Other']),
    text('TickerSymbol', 20),
    textarea('Description'),
    picklist('Rating', ratings),
    text('Site', 80),
    owner(),
    picklist('AccountSource', leadSources),
    text('SicDesc', 80),
    date('LastActivityDate', readOnly),
  ]),
});

const contact = new SObject({
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  keyPrefix: '003',
  fields: recordFields([
    reference('AccountId', 'Account', 'Contacts', { cascadeDelete: true }),
    ...personName,
    ...address('Other'),
    ...address('Mailing'),
    phone('Phone'),
    phone('Fax'),
    phone('MobilePhone'),
    phone('HomePhone'),
    phone('OtherPhone'),
    phone('AssistantPhone'),
    reference('ReportsToId', 'Contact', 'ContactReports'),
    email('Email', { idLookup: true }),
    text('Title', 128),
    text('Department', 80),
    text('AssistantName', 40),
    picklist('LeadSource', leadSources),
    date('Birthdate'),
    textarea('Description'),
    owner(),
    checkbox('HasOptedOutOfEmail'),
    checkbox('DoNotCall'),
    date('LastActivityDate', readOnly),
  ]),
});

const lead = new SObject({
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  keyPrefix: '00Q',
  fields: recordFields([
    ...personName,
    text('Title', 128),
    text('Company', 255, required),
    ...address(''),
    phone('Phone'),
    phone('MobilePhone'),
    phone('Fax'),
    email('Email', { idLookup: true }),
    url('Website'),
    textarea('Description'),
    picklist('LeadSource', leadSources),
    picklist(
      'Status',
      [
        'Open - Not Contacted',
        'Working - Contacted',
        'Closed - Converted',
        'Closed - Not Converted',
      ],
      { ...required, defaultValue: 'Open - Not Contacted' },
    ),
    picklist('Industry', industries),
    picklist('Rating', ratings),
    currency('AnnualRevenue'),
    integer('NumberOfEmployees'),
    reference('OwnerId', ['Group', 'User'], undefined, { ...required, defaultedOnCreate: true }),
    checkbox('HasOptedOutOfEmail'),
    checkbox('DoNotCall'),
    checkbox('IsConverted', { updateable: false }),
    date('ConvertedDate', readOnly),
    reference('ConvertedAccountId', 'Account', undefined, readOnly),
    reference('ConvertedContactId', 'Contact', undefined, readOnly),
    reference('ConvertedOpportunityId', 'Opportunity', undefined, readOnly),
    checkbox('IsUnreadByOwner', { defaultValue: true }),
    date('LastActivityDate', readOnly),
  ]),
});

/** The sales process of a new org: stage, probability, and whether it is the end. */
export const opportunityStages: Readonly<
  Record<string, { probability: number; closed?: 'won' | 'lost'; forecast: string }>
> = {
  Prospecting: { probability: 10, forecast: 'Pipeline' },
  Qualification: { probability: 10, forecast: 'Pipeline' },
  'Needs Analysis': { probability: 20, forecast: 'Pipeline' },
  'Value Proposition': { probability: 50, forecast: 'Pipeline' },
  'Id. Decision Makers': { probability: 60, forecast: 'Pipeline' },
  'Perception Analysis': { probability: 70, forecast: 'Pipeline' },
  'Proposal/Price Quote': { probability: 75, forecast: 'Pipeline' },
  'Negotiation/Review': { probability: 90, forecast: 'Pipeline' },
  'Closed Won': { probability: 100, closed: 'won', forecast: 'Closed' },
  'Closed Lost': { probability: 0, closed: 'lost', forecast: 'Omitted' },
};

const opportunity = new SObject({
  name: 'Opportunity',
  label: 'Opportunity',
  labelPlural: 'Opportunities',
  keyPrefix: '006',
  fields: recordFields([
    reference('AccountId', 'Account', 'Opportunities', { cascadeDelete: true }),
    text('Name', 120, { ...required, nameField: true }),
    textarea('Description'),
    picklist('StageName', Object.keys(opportunityStages), { ...required, label: 'Stage' }),
    currency('Amount', { scale: 2 }),
    percent('Probability'),
    currency('ExpectedRevenue', { ...readOnly, scale: 2, calculated: true }),
    date('CloseDate', required),
    picklist('Type', [
      'Existing Customer - Upgrade',
      'Existing Customer - Replacement',
      'Existing Customer - Downgrade',
      'New Customer',
    ]),
    text('NextStep', 255),
    picklist('LeadSource', leadSources),
    checkbox('IsClosed', { ...readOnly, calculated: true }),
    checkbox('IsWon', { ...readOnly, calculated: true }),
    text('ForecastCategoryName', 40, { ...readOnly, calculated: true }),
    reference('CampaignId', 'Campaign', 'Opportunities'),
    reference('Pricebook2Id', 'Pricebook2'),
    reference('ContactId', 'Contact', undefined, { updateable: false }),
    owner(),
    date('LastActivityDate', readOnly),
  ]),
});

const opportunityContactRole = new SObject({
  name: 'OpportunityContactRole',
  label: 'Opportunity Contact Role',
  labelPlural: 'Opportunity Contact Roles',
  keyPrefix: '00K',
  fields: recordFields([
    reference('OpportunityId', 'Opportunity', 'OpportunityContactRoles', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    reference('ContactId', 'Contact', 'OpportunityContactRoles', {
      ...required,
      cascadeDelete: true,
    }),
    picklist('Role', [
      'Business User',
      'Decision Maker',
      'Economic Buyer',
      'Economic Decision Maker',
      'Evaluator',
      'Executive Sponsor',
      'Influencer',
      'Technical Buyer',
      'Other',
    ]),
    checkbox('IsPrimary'),
  ]),
});

const product = new SObject({
  name: 'Product2',
  label: 'Product',
  labelPlural: 'Products',
  keyPrefix: '01t',
  fields: recordFields([
    text('Name', 255, { ...required, label: 'Product Name', nameField: true }),
    text('ProductCode', 255),
    textarea('Description', 4000),
    checkbox('IsActive', { label: 'Active' }),
    picklist('Family', ['None']),
    text('StockKeepingUnit', 180),
  ]),
});

const pricebook = new SObject({
  name: 'Pricebook2',
  label: 'Price Book',
  labelPlural: 'Price Books',
  keyPrefix: '01s',
  fields: recordFields([
    text('Name', 255, { ...required, label: 'Price Book Name', nameField: true }),
    checkbox('IsActive', { label: 'Active' }),
    checkbox('IsStandard', readOnly),
    text('Description', 255),
  ]),
});

const pricebookEntry = new SObject({
  name: 'PricebookEntry',
  label: 'Price Book Entry',
  labelPlural: 'Price Book Entries',
  keyPrefix: '01u',
  fields: recordFields([
    text('Name', 255, { ...readOnly, nameField: true }),
    reference('Pricebook2Id', 'Pricebook2', 'PricebookEntries', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    reference('Product2Id', 'Product2', 'PricebookEntries', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    currency('UnitPrice', { ...required, label: 'List Price', scale: 2 }),
    checkbox('IsActive', { label: 'Active' }),
    checkbox('UseStandardPrice'),
  ]),
});

const campaign = new SObject({
  name: 'Campaign',
  label: 'Campaign',
  labelPlural: 'Campaigns',
  keyPrefix: '701',
  fields: recordFields([
    text('Name', 80, { ...required, nameField: true }),
    reference('ParentId', 'Campaign', 'ChildCampaigns'),
    picklist('Type', ['Conference', 'Webinar', 'Trade Show', 'Partners', 'Email', 'Other']),
    picklist('Status', ['Planned', 'In Progress', 'Completed', 'Aborted'], {
      defaultValue: 'Planned',
    }),
    date('StartDate'),
    date('EndDate'),
    currency('ExpectedRevenue', { scale: 2 }),
    currency('BudgetedCost'),
    currency('ActualCost'),
    field('NumberSent', 'double', { precision: 18 }),
    checkbox('IsActive', { label: 'Active' }),
    textarea('Description'),
    owner(),
    date('LastActivityDate', readOnly),
  ]),
});

const campaignMember = new SObject({
  name: 'CampaignMember',
  label: 'Campaign Member',
  labelPlural: 'Campaign Members',
  keyPrefix: '00v',
  fields: recordFields([
    reference('CampaignId', 'Campaign', 'CampaignMembers', {
      ...required,
      updateable: false,
      cascadeDelete: true,
    }),
    reference('LeadId', 'Lead', 'CampaignMembers', { updateable: false, cascadeDelete: true }),
    reference('ContactId', 'Contact', 'CampaignMembers', {
      updateable: false,
      cascadeDelete: true,
    }),
    picklist('Status', ['Sent', 'Responded'], { defaultValue: 'Sent' }),
    checkbox('HasResponded', { ...readOnly, calculated: true }),
    datetime('FirstRespondedDate', readOnly),
  ]),
});

export const salesObjects: readonly SObject[] = [
  account,
  contact,
  lead,
  opportunity,
  opportunityContactRole,
  product,
  pricebook,
  pricebookEntry,
  campaign,
  campaignMember,
];
