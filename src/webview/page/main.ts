/** The gallery's page. Each module defines its custom element when it is loaded. */
import './localisation.ts';
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-icon/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import './gallery/splitPanes.ts';
import './gallery/toolbar.ts';
import './filter/filterPane.ts';
import './grid/imageGrid.ts';
import './detail/labelBars.ts';
import './detail/relatedFiles.ts';
import './heatmap/heatmapView.ts';
import './detail/detailPane.ts';
import './gallery/gallery.ts';
