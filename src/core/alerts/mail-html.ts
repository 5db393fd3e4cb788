import { badgeOf, footer, type Item, stamp } from './message.ts'
import { titleOf } from './rules.ts'
import { ageText } from './silence.ts'

const colours = { critical: '#b3261e', warning: '#8a5300', over: '#1b6e3c' } as const

/**
 * The mail as HTML beside its text: inline styles, no picture and nothing from elsewhere. Colours of text and ground are given together
 * everywhere, so that a dark client has nothing to guess; one that knows `prefers-color-scheme` gets a dark page.
 */
export function mailHtml(items: readonly Item[], subject: string, host: string, now: number): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"><title>${escaped(subject)}</title>
<style>${dark}</style></head>
<body class="page" style="margin:0;padding:16px;background:#f4f5f7;color:#1c1f23;font:15px/1.45 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:640px">
${items.map((item) => cardOf(item, now)).join('\n')}
<tr><td class="quiet" style="padding:4px 4px 0;color:#5b6169;font-size:13px">${escaped(footer(host))}</td></tr>
</table></td></tr></table></body></html>`
}

const dark = `@media (prefers-color-scheme:dark){.page{background:#16181b!important;color:#e7e9ec!important}
.card{background:#212429!important;color:#e7e9ec!important;border-top-color:#3a3f46!important;border-right-color:#3a3f46!important;border-bottom-color:#3a3f46!important}
.quiet{color:#a9b0b8!important}.code{background:#121417!important;color:#e7e9ec!important}}`

function cardOf(item: Item, now: number): string {
  const { alert, kind } = item
  const colour = kind === 'resolved' ? colours.over : colours[alert.severity]
  const lasted = ageText((alert.resolved_at ?? now) - alert.opened_at)
  const end = kind === 'resolved' ? `, over since ${stamp(alert.resolved_at ?? now)}` : ''
  const next = kind === 'resolved' ? '' : nextOf(alert.next)
  return `<tr><td style="padding:0 0 12px"><table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" style="background:#ffffff;color:#1c1f23;border:1px solid #d9dce1;border-left:5px solid ${colour}">
<tr><td style="padding:14px 16px">
<span style="display:inline-block;background:${colour};color:#ffffff;font-size:12px;font-weight:bold;padding:2px 8px">${badgeOf(item)}</span>
<b style="padding-left:6px">${escaped(alert.channel)}</b>: ${escaped(titleOf(alert.rule))}
<p style="margin:10px 0 6px;overflow-wrap:anywhere">${escaped(alert.message)}</p>
<p class="quiet" style="margin:0;color:#5b6169;font-size:13px">since ${stamp(alert.opened_at)} (${lasted}), seen ${alert.count}x${end}</p>${next}
</td></tr></table></td></tr>`
}

function nextOf(next: string): string {
  return `
<p style="margin:12px 0 4px;font-size:13px">Next:</p>
<div class="code" style="background:#eef0f3;color:#1c1f23;padding:8px 10px;font:13px/1.5 ui-monospace,Consolas,monospace;overflow-wrap:anywhere">${escaped(next)}</div>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
