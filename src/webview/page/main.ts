/** The gallery's page: each part defines its element when it is loaded. */
import './messages.ts';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import './splitPanes.ts';
import './toolbar.ts';
import './filterPane.ts';
import './imageGrid.ts';
import './labelBars.ts';
import './relatedFiles.ts';
import './heatmapView.ts';
import './detailPane.ts';
import './gallery.ts';
