// A profile is plain JSON that may lie in a repository: it tells where each secret is, not what it
// is. `node stored-profile.ts salesforce.json`
import { readFile } from 'node:fs/promises';
import { connect } from '@sfjwt/client';
import type { Profile } from '@sfjwt/client';

const [, , file = 'salesforce.json'] = process.argv;
const profile = JSON.parse(await readFile(file, 'utf8')) as Profile;

const salesforce = connect({
  ...profile,
  onEvent: (event) => {
    if (event.type === 'warning') console.warn(event.message);
  },
});
console.log((await salesforce.userinfo()).preferred_username);
