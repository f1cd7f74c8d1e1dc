import * as l10n from '@vscode/l10n';

// Loads the messages of the user's language, which the panel writes into the page. Import it before any module that
// uses them.
const json = document.getElementById('messages')?.textContent ?? '{}';
l10n.config({ contents: JSON.parse(json) as Record<string, string> });
