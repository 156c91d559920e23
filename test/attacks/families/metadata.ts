/** Deployments, SOAP and Connect REST: archives, documents and forms that nobody should open. */

import { status } from '../attack.ts';
import type { Expected } from '../attack.ts';
import { httpRequest } from '../connection.ts';
import { requestFamily } from '../family.ts';
import type { RequestRow } from '../family.ts';
import type { Target } from '../target.ts';
import { zip } from '../zip.ts';
import type { ZipEntry } from '../zip.ts';

const deployPath = '/services/data/v67.0/metadata/deployRequest';
const soapPath = '/services/Soap/m/67.0';

const tokens = new WeakMap<Target, string>();

/** Of one who may deploy: nothing is refused for want of permission. */
function admin(target: Target): string {
  const token = tokens.get(target) ?? target.org.openSession(target.org.administrator);
  tokens.set(target, token);
  return token;
}

/** Taken, and then found wanting: the directory shows that nothing of it was done. */
const taken = status(201);
const refused = status(400);
const fault = status(500);

type Part = readonly [head: string, content: string | Buffer];

const options = '{"deployOptions":{"singlePackage":true,"rollbackOnError":true}}';
const json: Part = [
  'content-disposition: form-data; name="json"\r\ncontent-type: application/json',
  options,
];
const file = (content: string | Buffer): Part => [
  'content-disposition: form-data; name="file"; filename="deploy.zip"\r\ncontent-type: application/zip',
  content,
];

function form(parts: readonly Part[], boundary = 'sfjwt'): Buffer {
  return Buffer.concat([
    ...parts.flatMap(([head, content]) => [
      Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
      typeof content === 'string' ? Buffer.from(content) : content,
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}

function deploys(
  body: string | Buffer,
  type = 'multipart/form-data; boundary=sfjwt',
): RequestRow[2] {
  return (target) =>
    httpRequest({
      path: deployPath,
      body,
      headers: { 'content-type': type, authorization: `Bearer ${admin(target)}` },
    });
}

const namespace = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
const manifest = `<Package ${namespace}><types><members>*</members><name>PermissionSet</name></types><types><members>*</members><name>ExternalClientApplication</name></types></Package>`;

const archive = (...entries: readonly ZipEntry[]): RequestRow[2] =>
  deploys(form([json, file(zip([{ name: 'package.xml', content: manifest }, ...entries]))]));

const permissionSet = (content: string): RequestRow[2] =>
  archive({ name: 'permissionsets/A.permissionset', content });

const labelled = (label: string): string =>
  `<PermissionSet ${namespace}><label>${label}</label><nothing/></PermissionSet>`;

const bomb = 'decompression bomb: CWE-409';
const slip = 'path traversal in an archive (zip slip): CWE-22';
const entities = 'XML entities: CWE-776, CWE-611';
const nesting = 'recursion on nested input: CWE-674';
const formInput = 'RFC 7578: forms that are none';

const megabyte = 1024 * 1024;

const forms: readonly RequestRow[] = [
  ['no form at all', formInput, deploys('', 'text/plain'), status(415)],
  ['an empty form', formInput, deploys(''), refused],
  ['a form without a boundary', formInput, deploys(form([json]), 'multipart/form-data'), refused],
  ['another boundary than told', formInput, deploys(form([json, file('x')], 'other')), refused],
  [
    'a form that stops in a part',
    formInput,
    deploys(form([json, file('x')]).subarray(0, 90)),
    refused,
  ],
  ['options alone', formInput, deploys(form([json])), refused],
  ['a file without content', formInput, deploys(form([json, file('')])), refused],
  ['options that are no JSON', formInput, deploys(form([[json[0], '{'], file('x')])), refused],
  ['options that are a list', formInput, deploys(form([[json[0], '[]'], file('x')])), refused],
  [
    'options nested 100,000 deep',
    nesting,
    deploys(
      form([
        [json[0], `{"deployOptions":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
        file('x'),
      ]),
    ),
    status(413),
  ],
  [
    'options with a prototype',
    'prototype pollution: CWE-1321',
    deploys(form([[json[0], '{"__proto__":{"checkOnly":false},"deployOptions":{}}'], file('x')])),
    refused,
  ],
  [
    'an option that is not there',
    'mass assignment: CWE-915',
    deploys(form([[json[0], '{"deployOptions":{"isAdmin":true}}'], file('x')])),
    refused,
  ],
  [
    '5,000 parts',
    'work that grows with the number of parts',
    deploys(form(Array.from({ length: 5000 }, () => json))),
    refused,
  ],
  [
    'more than 39 MB told',
    'limits come before reading',
    (target) =>
      httpRequest({
        path: deployPath,
        headers: {
          'content-type': 'multipart/form-data; boundary=sfjwt',
          'content-length': String(100 * megabyte),
          authorization: `Bearer ${admin(target)}`,
        },
      }),
    status(413),
  ],
  ['a quick deployment of nothing', formInput, deploys('{}', 'application/json'), refused],
  [
    'a quick deployment by injection',
    'SQL injection: CWE-89',
    deploys(`{"validatedDeployRequestId":"' OR 1=1 --"}`, 'application/json'),
    refused,
  ],
];

const archives: readonly RequestRow[] = [
  ['bytes that are no archive', bomb, deploys(form([json, file('not a zip')])), taken],
  [
    'an archive cut in half',
    bomb,
    deploys(form([json, file(zip([{ name: 'package.xml', content: manifest }]).subarray(0, 60))])),
    taken,
  ],
  ['60 MB of nothing', bomb, archive({ name: 'a', content: Buffer.alloc(60 * megabyte) }), taken],
  [
    'a file that claims four gigabytes',
    bomb,
    archive({ name: 'a', content: 'x', claimedSize: 0xffff_fffe }),
    taken,
  ],
  [
    'a file that is larger than it claims',
    bomb,
    archive({ name: 'a', content: Buffer.alloc(8 * megabyte), claimedSize: 10 }),
    taken,
  ],
  [
    '10,001 files',
    bomb,
    archive(...Array.from({ length: 10_001 }, (_, index) => ({ name: `a${index}`, content: '' }))),
    taken,
  ],
  [
    'an archive within an archive',
    bomb,
    archive({ name: 'a.zip', content: zip([{ name: 'b', content: Buffer.alloc(megabyte) }]) }),
    taken,
  ],
  ...[
    '../../etc/passwd',
    '/etc/passwd',
    'permissionsets/../../x.permissionset',
    '..\\..\\x',
    'C:\\x',
    'permissionsets/a\0b.permissionset',
    '__proto__',
    'constructor/prototype',
    `${'a/'.repeat(5000)}b`,
    'permissionsets/.permissionset',
    'permissionsets/%2e%2e%2fx.permissionset',
    'PERMISSIONSETS/A.PERMISSIONSET',
  ].map((name): RequestRow => [
    `a file called ${JSON.stringify(name).slice(0, 60)}`,
    slip,
    archive({ name, content: labelled('A') }),
    taken,
  ]),
];

const laughs = Array.from(
  { length: 9 },
  (_, index) => `<!ENTITY l${index + 1} "${`&l${index};`.repeat(10)}">`,
).join('');

const documents: readonly RequestRow[] = [
  [
    'a billion laughs',
    entities,
    permissionSet(`<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]>${labelled('&l9;')}`),
    taken,
  ],
  [
    'an external entity',
    entities,
    (target) =>
      permissionSet(`<!DOCTYPE a [<!ENTITY x SYSTEM "${target.trap.url}">]>${labelled('&x;')}`)(
        target,
      ),
    taken,
  ],
  [
    'an external subset',
    entities,
    (target) => permissionSet(`<!DOCTYPE a SYSTEM "${target.trap.url}">${labelled('A')}`)(target),
    taken,
  ],
  [
    'a file of this machine',
    entities,
    permissionSet(`<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${labelled('&x;')}`),
    taken,
  ],
  [
    'a style sheet',
    entities,
    (target) =>
      permissionSet(`<?xml-stylesheet href="${target.trap.url}"?>${labelled('A')}`)(target),
    taken,
  ],
  ['an entity that nobody declared', entities, permissionSet(labelled('&nothing;')), taken],
  [
    'characters by number, out of range',
    entities,
    permissionSet(labelled('&#x110000;&#99999999;&#0;&#xD800;')),
    taken,
  ],
  [
    '100,000 elements deep',
    nesting,
    permissionSet('<a>'.repeat(100_000) + '</a>'.repeat(100_000)),
    taken,
  ],
  ['100,000 elements deep, none closed', nesting, permissionSet('<a>'.repeat(100_000)), taken],
  [
    '300,000 elements abreast',
    'work that grows with the number of elements',
    permissionSet(
      `<PermissionSet ${namespace}>${'<userPermissions/>'.repeat(300_000)}</PermissionSet>`,
    ),
    taken,
  ],
  [
    'an element called __proto__',
    'prototype pollution: CWE-1321',
    permissionSet(
      `<PermissionSet ${namespace}><label>A</label><__proto__><a>1</a></__proto__></PermissionSet>`,
    ),
    taken,
  ],
  [
    'a group with a prototype',
    'prototype pollution: CWE-1321',
    permissionSet(
      `<PermissionSet ${namespace}><label>A</label><nothing/><objectPermissions><__proto__><a>1</a></__proto__><constructor>1</constructor></objectPermissions></PermissionSet>`,
    ),
    taken,
  ],
  [
    'bytes that are no UTF-8',
    'RFC 3629 section 3',
    archive({
      name: 'permissionsets/A.permissionset',
      content: Buffer.from([0x3c, 0xff, 0xfe, 0x3e]),
    }),
    taken,
  ],
  [
    'a document of nothing but comments',
    'a parser that waits for a root',
    permissionSet('<!-- -->'.repeat(10_000)),
    taken,
  ],
  ['two roots', 'XML 1.0 section 2.1', permissionSet(`${labelled('A')}${labelled('B')}`), taken],
  [
    'a million attributes of one name',
    'XML 1.0 section 3.1',
    permissionSet(`<PermissionSet ${'a="b" '.repeat(100_000)}/>`),
    taken,
  ],
  [
    'CDATA that ends the element',
    'XML injection: CWE-91',
    permissionSet(labelled('<![CDATA[</label><x/>]]>')),
    taken,
  ],
  ['no document', 'empty input', permissionSet(''), taken],
  [
    'SQL in a name',
    'SQL injection: CWE-89',
    archive({
      name: `permissionsets/A' OR '1'='1.permissionset`,
      content: `<PermissionSet ${namespace}><label>A</label></PermissionSet>`,
    }),
    taken,
  ],
  [
    'a name of 10,000 letters',
    'limits of a name',
    archive({
      name: `permissionsets/${'A'.repeat(10_000)}.permissionset`,
      content: `<PermissionSet ${namespace}><label>A</label></PermissionSet>`,
    }),
    taken,
  ],
  [
    'a label of a megabyte',
    'limits of a value',
    permissionSet(
      `<PermissionSet ${namespace}><label>${'A'.repeat(megabyte)}</label></PermissionSet>`,
    ),
    taken,
  ],
];

const envelope = (target: Target, body: string, header?: string): string =>
  `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ${namespace}><soapenv:Header>${header ?? `<SessionHeader><sessionId>${admin(target)}</sessionId></SessionHeader>`}</soapenv:Header><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;

function soap(content: (target: Target) => string, path = soapPath): RequestRow[2] {
  return (target) =>
    httpRequest({ path, body: content(target), headers: { 'content-type': 'text/xml' } });
}

const calls = (body: string): RequestRow[2] => soap((target) => envelope(target, body));
const soapInput = 'SOAP 1.1 section 6.2: what is no call is a fault, with status 500';

const envelopes: readonly RequestRow[] = [
  ['no envelope', soapInput, soap(() => ''), fault],
  ['an envelope that is none', soapInput, soap(() => '{"a":1}'), fault],
  ['an envelope without a body', soapInput, soap(() => '<Envelope/>'), fault],
  [
    'an envelope with a document type',
    entities,
    soap(
      (target) =>
        `<!DOCTYPE a [<!ENTITY x SYSTEM "${target.trap.url}">]>${envelope(target, '<describeMetadata/>')}`,
    ),
    fault,
  ],
  [
    'no session',
    'SOAP is not authenticated by headers of HTTP',
    soap((target) => envelope(target, '<describeMetadata/>', '')),
    fault,
  ],
  [
    'a session of another org',
    'tokens are good at one org',
    soap((target) =>
      envelope(
        target,
        '<describeMetadata/>',
        `<SessionHeader><sessionId>${target.tokens.foreign}</sessionId></SessionHeader>`,
      ),
    ),
    fault,
  ],
  [
    'a revoked session',
    'revoked is revoked everywhere',
    soap((target) =>
      envelope(
        target,
        '<describeMetadata/>',
        `<SessionHeader><sessionId>${target.tokens.revoked}</sessionId></SessionHeader>`,
      ),
    ),
    fault,
  ],
  [
    'a JWT as session',
    'SOAP API: from 68.0 on',
    soap((target) =>
      envelope(
        target,
        '<describeMetadata/>',
        `<SessionHeader><sessionId>${target.tokens.jwt}</sessionId></SessionHeader>`,
      ),
    ),
    fault,
  ],
  [
    'a user without permission',
    'broken access control: CWE-285',
    soap((target) =>
      envelope(
        target,
        '<describeMetadata/>',
        `<SessionHeader><sessionId>${target.tokens.live}</sessionId></SessionHeader>`,
      ),
    ),
    fault,
  ],
  [
    'an operation called constructor',
    'prototype look-up: CWE-1321',
    calls('<constructor/>'),
    fault,
  ],
  ['an operation called __proto__', 'prototype look-up: CWE-1321', calls('<__proto__/>'), fault],
  ['an operation called toString', 'prototype look-up: CWE-1321', calls('<toString/>'), fault],
  [
    'an envelope 100,000 elements deep',
    nesting,
    calls('<a>'.repeat(100_000) + '</a>'.repeat(100_000)),
    fault,
  ],
  [
    'a version that is none',
    soapInput,
    soap((target) => envelope(target, '<describeMetadata/>'), '/services/Soap/m/99.9'),
    fault,
  ],
  ['a deployment without an archive', soapInput, calls('<deploy><DeployOptions/></deploy>'), fault],
  [
    'a deployment of what is no base64',
    soapInput,
    calls('<deploy><ZipFile>***</ZipFile></deploy>'),
    fault,
  ],
  [
    'options of another kind',
    soapInput,
    calls(
      '<deploy><ZipFile>UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==</ZipFile><DeployOptions><isAdmin>true</isAdmin></DeployOptions></deploy>',
    ),
    fault,
  ],
  [
    'the state of nothing',
    soapInput,
    calls('<checkDeployStatus><asyncProcessId>x</asyncProcessId></checkDeployStatus>'),
    fault,
  ],
  [
    'the state of a retrieve that was none',
    'SQL injection: CWE-89',
    calls(
      `<checkRetrieveStatus><asyncProcessId>' OR 1=1 --</asyncProcessId></checkRetrieveStatus>`,
    ),
    fault,
  ],
  [
    'a type by its prototype',
    'prototype look-up: CWE-1321',
    calls('<listMetadata><queries><type>__proto__</type></queries></listMetadata>'),
    fault,
  ],
  [
    'four lists at once',
    'limits of a call',
    calls(
      `<listMetadata>${'<queries><type>PermissionSet</type></queries>'.repeat(4)}</listMetadata>`,
    ),
    fault,
  ],
  [
    'eleven names at once',
    'limits of a call',
    calls(
      `<readMetadata><type>PermissionSet</type>${'<fullNames>A</fullNames>'.repeat(11)}</readMetadata>`,
    ),
    fault,
  ],
  [
    'a name with SQL in it',
    'SQL injection: CWE-89',
    calls(
      `<readMetadata><type>PermissionSet</type><fullNames>' OR 1=1 --</fullNames></readMetadata>`,
    ),
    status(200),
  ],
  [
    'a component of no type',
    soapInput,
    calls('<createMetadata><metadata><fullName>A</fullName></metadata></createMetadata>'),
    fault,
  ],
  [
    'a component with a name that is none',
    'limits of a name',
    calls(
      '<createMetadata><metadata xsi:type="PermissionSet"><fullName>../x</fullName><label>A</label></metadata></createMetadata>',
    ),
    status(200),
  ],
];

const connect = (method: string, path: string, expected: Expected, body = ''): RequestRow => [
  `${method} ${path.slice(0, 60)} ${body.slice(0, 20)}`,
  'Connect REST: paths and bodies that nobody meant',
  (target) =>
    httpRequest({
      method,
      path: `/services/data/v67.0/apps/${path}`,
      body,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${admin(target)}` },
    }),
  expected,
];

const credentials: readonly RequestRow[] = [
  connect('GET', 'oauth', status(404)),
  connect('GET', 'oauth/nothing', status(404)),
  connect('POST', 'oauth/usage', status(405), '{}'),
  connect('GET', 'oauth/usage?page=-1', refused),
  connect('GET', 'oauth/usage?pageSize=99999999999999999999', refused),
  connect('GET', 'oauth/usage/0xI/users', status(404)),
  // The switch is off: nobody learns what is there.
  connect('GET', "oauth/credentials/'%20OR%201=1--", status(403)),
  connect('GET', 'oauth/credentials/%00', status(403)),
  connect('GET', 'oauth/credentials/__proto__', status(403)),
  connect('PATCH', 'oauth/credentials/0xI/888/staged/1', status(403), '['.repeat(100_000)),
];

export const metadata = requestFamily('metadata', [
  ...forms,
  ...archives,
  ...documents,
  ...envelopes,
  ...credentials,
]);
