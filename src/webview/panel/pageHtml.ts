import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';

/** The folder with everything that the page may load, relative to the extension. */
export const PAGE_FOLDER = 'dist/webview';

/**
 * The HTML of the page. It may load only our own script, style sheets and icon font. Pictures arrive as messages and
 * are shown from memory (blob:), so that the page has no access to the workspace.
 */
export function pageHtml(webview: vscode.Webview, extensionUri: vscode.Uri): string {
  const nonce = randomBytes(24).toString('base64');
  const file = (name: string): string =>
    escapeAttribute(webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, PAGE_FOLDER, name)).toString());
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    // Without 'unsafe-inline': Lit creates its style sheets by script, which the policy does not affect.
    `style-src ${webview.cspSource}`,
    `font-src ${webview.cspSource}`,
    'img-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeAttribute(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file('style.css')}">
<link rel="stylesheet" id="vscode-codicon-stylesheet" href="${file('codicon.css')}">
<title>AssetLens</title>
</head>
<body>
<script nonce="${nonce}" type="application/json" id="messages">${messages()}</script>
<assetlens-gallery></assetlens-gallery>
<script nonce="${nonce}" type="module" src="${file('page.js')}"></script>
</body>
</html>`;
}

/** The messages of the user's language as JSON. "<" is escaped, so that no message ends the script element. */
function messages(): string {
  return JSON.stringify(vscode.l10n.bundle ?? {}).replaceAll('<', '\\u003c');
}

function escapeAttribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
