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
  firstName: string;
  lastName: string;
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

/** What the Edit page of a user changes; fields left out stay. */
export type UserChange = {
  [Field in 'username' | 'profile' | 'firstName' | 'lastName' | 'email']?: string | undefined;
};

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
    this.#requireUsername(username);
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

  #requireUsername(username: string, own?: User): void {
    // What nobody sees would make two names look like one.
    const isPlain = !/[\p{Cc}\p{Cf}]/u.test(username);
    if (!isPlain || username.length > 80 || !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(username)) {
      throw new OrgError('FIELD_INVALID', `"${username.slice(0, 80)}" is not a username`, {
        field: 'username',
        hints: ['A username has the form of an e-mail address: worker@example.org'],
      });
    }
    const namesake = this.find(username);
    if (namesake !== undefined && namesake.id !== own?.id) {
      throw new OrgError('NAME_TAKEN', `There is a user "${username}" already`, {
        field: 'username',
      });
    }
  }

  /** @throws OrgError FIELD_INVALID, NAME_TAKEN, NOT_FOUND (profile) */
  change(user: User, { username, profile, firstName, lastName, email }: UserChange): void {
    if (username !== undefined) this.#requireUsername(username, user);
    const profileId = profile === undefined ? user.profileId : this.#profiles.get(profile).id;
    this.#records.update('User', user.id, {
      ...(username === undefined ? {} : { Username: username }),
      ...(firstName === undefined ? {} : { FirstName: firstName === '' ? null : firstName }),
      ...(lastName === undefined ? {} : { LastName: lastName }),
      ...(email === undefined ? {} : { Email: email }),
      ProfileId: profileId,
    });
    if (profileId !== user.profileId) this.#carryProfile(user, profileId);
  }

  /** A user carries the permission set that stands for the profile, and that of no other. */
  #carryProfile(user: User, profileId: string): void {
    const permissionSetOf = (id: string): string =>
      this.#profiles.findById(id)?.permissionSetId ?? '';
    const before = this.#records.find('PermissionSetAssignment', {
      AssigneeId: user.id,
      PermissionSetId: permissionSetOf(user.profileId),
    });
    if (before !== undefined) {
      this.#records.delete('PermissionSetAssignment', String(before['Id']));
    }
    this.#records.insert('PermissionSetAssignment', {
      AssigneeId: user.id,
      PermissionSetId: permissionSetOf(profileId),
    });
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
    firstName: String(row['FirstName'] ?? ''),
    lastName: String(row['LastName'] ?? ''),
    email: String(row['Email']),
    profileId: String(row['ProfileId']),
    isActive: row['IsActive'] === 1,
    isFrozen: row['_isFrozen'] === 1,
  };
}
