import { SfjwtError } from '@sfjwt/client';

/**
 * Every way in which the command itself can fail, beside what the libraries under it throw. Codes
 * are a contract: they never change their meaning.
 */
export const commandErrorCodes = [
  // Profiles: settings kept under a name.
  'PROFILE_NAME_INVALID',
  'PROFILE_NOT_FOUND',
  'PROFILE_UNREADABLE',
  'PROFILE_INVALID',
  'PROFILE_NEWER',
  'PROFILE_NOT_WRITTEN',
  'PROFILE_BUSY',
  // Keys that a profile refers to.
  'KEPT_KEY_LOCKED',
  // What `sfjwt exec` was to run.
  'COMMAND_NOT_FOUND',
  'COMMAND_NOT_EXECUTABLE',
  // Questions on a terminal.
  'CANCELLED',
  // The Salesforce CLI, when a login is handed on to it.
  'SALESFORCE_CLI_NOT_FOUND',
  'SALESFORCE_CLI_FAILED',
] as const;

export type CommandErrorCode = (typeof commandErrorCodes)[number];

/** Thrown by the command; `code` is one of {@link commandErrorCodes}. */
export class CommandLineError extends SfjwtError<CommandErrorCode> {
  override readonly name = 'CommandLineError';
}
