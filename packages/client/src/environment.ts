/**
 * Settings from the environment. The first name of each row is ours; the others are what public
 * code uses today, read so that an existing deployment works unchanged.
 */

export interface EnvironmentSettings {
  clientId?: string;
  username?: string;
  privateKey?: string;
  privateKeyFile?: string;
  passphrase?: string;
  loginUrl?: string;
  audience?: string;
}

/** A key file comes after a key text: the text is the more deliberate of the two. */
export const environmentNames: Readonly<Record<keyof EnvironmentSettings, readonly string[]>> = {
  clientId: [
    'SFJWT_CLIENT_ID',
    'SF_CLIENT_ID',
    'SF_CONSUMER_KEY',
    'SF_JWT_CLIENT_ID',
    'SALESFORCE_CLIENT_ID',
    'SALESFORCE_CONSUMER_KEY',
    'SFDC_CLIENT_ID',
    'SFDC_CLIENTID',
    'SFDX_CLIENT_ID',
    'SFDX_CONSUMER_KEY',
  ],
  username: [
    'SFJWT_USERNAME',
    'SF_USERNAME',
    'SALESFORCE_USERNAME',
    'SFDC_USERNAME',
    'SFDX_USERNAME',
  ],
  privateKey: [
    'SFJWT_PRIVATE_KEY',
    'SF_JWT_PRIVATE_KEY',
    'SF_PRIVATE_KEY',
    'SALESFORCE_PRIVATE_KEY',
    'SFDC_PRIVATE_KEY',
    'SFDX_JWT_KEY',
    // In base64, which is recognised by itself.
    'SF_JWT_PRIVATE_KEY_B64',
    'SF_JWT_KEY_BASE64',
    'SF_JWT_KEY',
    'SALESFORCE_PRIVATE_KEY_BASE64',
    'SFDC_SERVER_KEY',
  ],
  privateKeyFile: [
    'SFJWT_PRIVATE_KEY_FILE',
    'SF_JWT_KEY_FILE',
    'SF_JWT_PRIVATE_KEY_PATH',
    'SF_PRIVATE_KEY_PATH',
    'SALESFORCE_PRIVATE_KEY_PATH',
  ],
  passphrase: ['SFJWT_PASSPHRASE'],
  loginUrl: [
    'SFJWT_LOGIN_URL',
    'SF_LOGIN_URL',
    'SALESFORCE_LOGIN_URL',
    'SFDC_LOGIN_URL',
    'SF_JWT_INSTANCE_URL',
    'SF_ORG_INSTANCE_URL',
    'SFDC_INSTANCE_URL',
    'SALESFORCE_HOST',
    'SALESFORCE_TOKEN_ENDPOINT',
  ],
  audience: ['SFJWT_AUDIENCE', 'SF_AUDIENCE_URL', 'SFDX_AUDIENCE_URL', 'SF_JWT_AUDIENCE'],
};

/** Reads what the environment says; a variable that is set but empty counts as not set. */
export function readEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentSettings {
  const settings: EnvironmentSettings = {};
  for (const [setting, names] of Object.entries(environmentNames)) {
    const value = names
      .map((name) => readVariable(environment, name))
      .find((text) => text !== undefined && text.trim() !== '');
    if (value !== undefined) settings[setting as keyof EnvironmentSettings] = value;
  }
  return settings;
}

/** One that the runtime forbids to read, as Deno does without `--allow-env`, counts as not set. */
export function readVariable(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  try {
    return environment[name];
  } catch {
    return undefined;
  }
}
