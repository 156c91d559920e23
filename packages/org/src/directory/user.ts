import { OrgError } from '../org-error.ts';
import type { Lockout } from '../policies/lockout.ts';
import type { Records } from '../store/records.ts';
import type { Row } from '../store/database.ts';
import { hashPassword, verifyPassword, wellKnownPassword } from './password.ts';
import type { Profiles } from './profile.ts';

export interface User {
  id: string;
  username: string;
  name: string;
  email: string;
  profileId: string;
  isActive: boolean;
  /** An administrator stopped the user's logins for the time being. */
  isFrozen: boolean;
}

export interface NewUser {
  /** In the form of an e-mail address, unique in all of Salesforce. */
  username: string;
  /** Name of the profile. */
  profile: string;
  firstName?: string | undefined;
  lastName?: string | undefined;
  email?: string | undefined;
  isActive?: boolean | undefined;
  isFrozen?: boolean | undefined;
  /** For the login page; a user without one cannot sign in there. */
  password?: string | undefined;
}

export class Users {
  readonly #records: Records;
  readonly #profiles: Profiles;

  constructor(records: Records, profiles: Profiles) {
    this.#records = records;
    this.#profiles = profiles;
  }

  /** @throws OrgError FIELD_INVALID, NAME_TAKEN, NOT_FOUND (profile) */
  create({ username, profile, firstName, lastName, email, ...more }: NewUser): User {
    const { isActive = true, isFrozen = false, password } = more;
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(username) || username.length > 80) {
      throw new OrgError('FIELD_INVALID', `"${username}" is not a username`, {
        hints: ['A username has the form of an e-mail address: worker@example.org'],
      });
    }
    if (this.find(username) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a user "${username}" already`);
    }
    const { id: profileId, permissionSetId } = this.#profiles.get(profile);
    const [localPart = username] = username.split('@');
    const id = this.#records.insert('User', {
      Username: username,
      FirstName: firstName ?? null,
      LastName: lastName ?? localPart,
      Email: email ?? username,
      Alias: localPart.slice(0, 8),
      ProfileId: profileId,
      IsActive: isActive,
      _isFrozen: isFrozen,
      _passwordHash: password === undefined ? null : hashPassword(password),
      UserType: 'Standard',
      TimeZoneSidKey: 'GMT',
      LocaleSidKey: 'en_US',
      LanguageLocaleKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
    });
    this.#records.insert('PermissionSetAssignment', {
      AssigneeId: id,
      PermissionSetId: permissionSetId,
    });
    return this.get(username);
  }

  /** Usernames are compared without regard to case, as at Salesforce's login. */
  find(username: string): User | undefined {
    const row = this.#records.find('User', { Username: username });
    return row === undefined ? undefined : toUser(row);
  }

  findById(id: string): User | undefined {
    const row = this.#records.find('User', { Id: id });
    return row === undefined ? undefined : toUser(row);
  }

  /** @throws OrgError NOT_FOUND */
  get(username: string): User {
    const user = this.find(username);
    if (user === undefined) throw new OrgError('NOT_FOUND', `There is no user "${username}"`);
    return user;
  }

  /** By name. */
  list(): User[] {
    return this.#records.list('User', {}, { orderBy: 'Name' }).map(toUser);
  }

  setActive(user: User, isActive: boolean): void {
    this.#records.update('User', user.id, { IsActive: isActive });
  }

  /** Freeze or Unfreeze: a frozen user's logins are refused, and the sessions too. */
  setFrozen(user: User, isFrozen: boolean): void {
    this.#records.update('User', user.id, { _isFrozen: isFrozen });
  }

  setPassword(user: User, password: string): void {
    this.#records.update('User', user.id, { _passwordHash: hashPassword(password) });
  }

  lockout(user: User): Lockout {
    const row = this.#records.find('User', { Id: user.id });
    return {
      wrongPasswords: Number(row?.['_wrongPasswords'] ?? 0),
      lockedUntil: Number(row?.['_lockedUntil'] ?? 0),
    };
  }

  setLockout(user: User, { wrongPasswords, lockedUntil }: Lockout): void {
    this.#records.update('User', user.id, {
      _wrongPasswords: wrongPasswords,
      _lockedUntil: lockedUntil,
    });
  }

  /** Unlock: the next login is judged as if no password had been wrong. */
  unlock(user: User): void {
    this.setLockout(user, { wrongPasswords: 0, lockedUntil: 0 });
  }

  /** Whether the password is still this one of the documentation, and so no secret. */
  hasWellKnownPassword({ id }: User, password: string): boolean {
    const row = this.#records.find('User', { Id: id });
    return row?.['_passwordHash'] === wellKnownPassword(password);
  }

  /** Whether this is the user's password. Takes as long for a user who is not there. */
  async isPassword(user: User | undefined, password: string): Promise<boolean> {
    const row = user === undefined ? undefined : this.#records.find('User', { Id: user.id });
    const hash = row?.['_passwordHash'];
    return verifyPassword(password, typeof hash === 'string' ? hash : undefined);
  }
}

function toUser(row: Row): User {
  return {
    id: String(row['Id']),
    username: String(row['Username']),
    name: String(row['Name']),
    email: String(row['Email']),
    profileId: String(row['ProfileId']),
    isActive: row['IsActive'] === 1,
    isFrozen: row['_isFrozen'] === 1,
  };
}
