import * as l10n from '@vscode/l10n';

// The messages of the user's language, which the panel put into the page; imported before all that speaks.
const json = document.getElementById('messages')?.textContent ?? '{}';
l10n.config({ contents: JSON.parse(json) as Record<string, string> });
