/** Cases, tasks and events. */

import {
  checkbox,
  date,
  datetime,
  integer,
  owner,
  phone,
  email,
  picklist,
  readOnly,
  recordFields,
  reference,
  required,
  system,
  text,
  textarea,
} from '../field.ts';
import { SObject } from '../sobject.ts';

/** What an activity is about, and who it is with. */
const what = ['Account', 'Opportunity', 'Campaign', 'Case', 'Product2'];
const who = ['Contact', 'Lead'];

const caseObject = new SObject({
  name: 'Case',
  label: 'Case',
  labelPlural: 'Cases',
  keyPrefix: '500',
  fields: recordFields([
    text('CaseNumber', 30, {
      ...system,
      nameField: true,
      idLookup: true,
      autoNumber: '{00000000}',
    }),
    reference('ContactId', 'Contact', 'Cases'),
    reference('AccountId', 'Account', 'Cases'),
    reference('ParentId', 'Case', 'Cases'),
    text('SuppliedName', 80),
    email('SuppliedEmail'),
    phone('SuppliedPhone'),
    text('SuppliedCompany', 80),
    picklist('Type', ['Mechanical', 'Electrical', 'Electronic', 'Structural', 'Other']),
    picklist('Status', ['New', 'Working', 'Escalated', 'Closed'], { defaultValue: 'New' }),
    picklist('Reason', ['Installation', 'Equipment Complexity', 'Performance', 'Other']),
    picklist('Origin', ['Phone', 'Email', 'Web']),
    text('Subject', 255),
    picklist('Priority', ['High', 'Medium', 'Low'], { defaultValue: 'Medium' }),
    textarea('Description'),
    checkbox('IsClosed', { ...readOnly, calculated: true }),
    datetime('ClosedDate', { ...readOnly, calculated: true }),
    checkbox('IsEscalated'),
    reference('OwnerId', ['Group', 'User'], undefined, { ...required, defaultedOnCreate: true }),
  ]),
});

const task = new SObject({
  name: 'Task',
  label: 'Task',
  labelPlural: 'Tasks',
  keyPrefix: '00T',
  fields: recordFields([
    reference('WhoId', who, 'Tasks', { label: 'Name ID' }),
    reference('WhatId', what, 'Tasks', { label: 'Related To ID' }),
    text('Subject', 255, { nameField: true }),
    date('ActivityDate', { label: 'Due Date Only' }),
    picklist(
      'Status',
      ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
      { ...required, defaultValue: 'Not Started' },
    ),
    picklist('Priority', ['High', 'Normal', 'Low'], { ...required, defaultValue: 'Normal' }),
    checkbox('IsHighPriority', { ...readOnly, calculated: true }),
    owner(undefined, { label: 'Assigned To ID' }),
    textarea('Description'),
    reference('AccountId', 'Account', undefined, readOnly),
    checkbox('IsClosed', { ...readOnly, calculated: true }),
    picklist('TaskSubtype', ['Task', 'Email', 'List Email', 'Cadence', 'Call'], {
      defaultValue: 'Task',
      updateable: false,
    }),
    integer('CallDurationInSeconds'),
    picklist('CallType', ['Internal', 'Inbound', 'Outbound']),
    datetime('CompletedDateTime', { ...readOnly, calculated: true }),
  ]),
});

const event = new SObject({
  name: 'Event',
  label: 'Event',
  labelPlural: 'Events',
  keyPrefix: '00U',
  fields: recordFields([
    reference('WhoId', who, 'Events', { label: 'Name ID' }),
    reference('WhatId', what, 'Events', { label: 'Related To ID' }),
    text('Subject', 255, { nameField: true }),
    text('Location', 255),
    checkbox('IsAllDayEvent', { label: 'All-Day Event' }),
    datetime('ActivityDateTime', { label: 'Due Date Time' }),
    date('ActivityDate', { label: 'Due Date Only' }),
    integer('DurationInMinutes', { label: 'Duration' }),
    datetime('StartDateTime', { label: 'Start Date Time' }),
    datetime('EndDateTime', { label: 'End Date Time' }),
    textarea('Description'),
    owner(undefined, { label: 'Assigned To ID' }),
    checkbox('IsPrivate', { label: 'Private' }),
    picklist('ShowAs', ['Busy', 'OutOfOffice', 'Free'], { defaultValue: 'Busy' }),
  ]),
});

export const workObjects: readonly SObject[] = [caseObject, task, event];
