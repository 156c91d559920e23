// Nothing in the code: loginUrl, clientId, username and key come from SFJWT_LOGIN_URL,
// SFJWT_CLIENT_ID, SFJWT_USERNAME and SFJWT_PRIVATE_KEY_FILE (or SFJWT_PRIVATE_KEY).
import { connect } from '@sfjwt/client';

const salesforce = connect();
const response = await salesforce.fetch('/services/data/v67.0/query?q=SELECT+Name+FROM+Account');
const { records } = (await response.json()) as { records: { Name: string }[] };
console.log(records.map(({ Name }) => Name).join(', '));
