/**
 * An inventory as one HTML page that needs nothing else: no script, no address of anything. Names come
 * from orgs and are text here, whatever they hold.
 */

import type { InventoriedApp } from './inventoried-app.ts';
import type { Inventory } from './inventory.ts';

export function inventoryPage({ takenAt, orgs, apps }: Inventory): string {
  const rows = apps.map(rowOf).join('\n');
  const counts = (['critical', 'warning', 'info'] as const).map((severity) => {
    const count = apps.flatMap(({ findings }) => findings).filter((f) => f.severity === severity);
    return html`<span class="${severity}">${String(count.length)} ${severity}</span>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Client apps of ${escapeHtml(orgs.map(({ name }) => name).join(', '))}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Client apps</h1>
<p>${html`${String(apps.length)} apps in ${orgs.map(({ name, instanceUrl }) => `${name} (${instanceUrl})`).join(', ')}, at ${takenAt}`}</p>
<p>${counts.join(' ')}</p>
<table>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`).join('')}</tr></thead>
<tbody>
${rows}
</tbody>
</table>
</main>
</body>
</html>
`;
}

const columns = [
  'Org',
  'App',
  'Certificate',
  'Days left',
  'Key',
  'Scopes',
  'Users',
  'Last login',
  'Findings',
];

const kinds = { externalClientApp: 'external client app', connectedApp: 'connected app' } as const;
const users = { adminApproved: 'pre-authorized', selfAuthorized: 'all may authorize' } as const;

function rowOf({ org, certificate, findings, ...app }: InventoriedApp): string {
  const state = app.isEnabled === false ? ', disabled' : '';
  const told = findings.map(
    ({ severity, message }) => html`<li class="${severity}">${severity}: ${message}</li>`,
  );
  return `<tr>${html`<td>${org.name}</td>
    <th scope="row">${app.label}<small>${app.name}, ${kinds[app.kind]}${state}</small></th>
    <td>
      ${certificate?.subject ?? 'none'}<small
        >${certificate?.fingerprint256.slice(0, 23) ?? ''}</small
      >
    </td>
    <td class="number">${certificate === undefined ? '' : String(certificate.daysLeft)}</td>
    <td class="number">${certificate === undefined ? '' : String(certificate.bits)}</td>
    <td>${app.scopes.join(' ')}</td>
    <td>${users[app.permittedUsers]}</td>
    <td>${app.lastLogin?.slice(0, 10) ?? 'none seen'}</td>`}
<td>${told.length === 0 ? '' : `<ul>${told.join('')}</ul>`}</td></tr>`;
}

/** Markup whose values stay text. */
function html(words: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw({ raw: words }, ...values.map(escapeHtml));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? '');
}

const style = `
:root{color-scheme:light dark;--line:light-dark(#d5dae1,#3b4350);--soft:light-dark(#5a6472,#a3adba)}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem}
table{border-collapse:collapse;width:100%}
th,td{border-bottom:1px solid var(--line);padding:.5rem .75rem .5rem 0;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{color:var(--soft);font-weight:500}
small{color:var(--soft);display:block;font-weight:400}
ul{list-style:none;margin:0;padding:0}
.number{font-variant-numeric:tabular-nums}
.critical{color:light-dark(#b00020,#ff8a80);font-weight:600}
.warning{color:light-dark(#8a5300,#ffc164)}
.info{color:var(--soft)}
`;
