/** What the ends of a relationship over several objects have in common. */

import { email, field, phone, system, text } from '../field.ts';
import { SObject } from '../sobject.ts';

export const nameObject = new SObject({
  name: 'Name',
  label: 'Name',
  labelPlural: 'Names',
  keyPrefix: undefined,
  createable: false,
  updateable: false,
  deletable: false,
  fields: [
    field('Id', 'id', { ...system, length: 18 }),
    text('Name', 255, { ...system, nameField: true }),
    text('FirstName', 40),
    text('LastName', 80),
    text('Type', 40, system),
    text('Username', 80),
    text('Title', 128),
    email('Email'),
    phone('Phone'),
  ],
});
