import * as l10n from '@vscode/l10n';
import type { Arrangement } from '../../protocol.ts';

/** Names of the values of filters, for the filter pane and for chips. */

export function labelModeName(mode: Arrangement['labelMode']): string {
  switch (mode) {
    case 'any':
      return l10n.t('Any of');
    case 'all':
      return l10n.t('All of');
    case 'none':
      return l10n.t('None of');
  }
}

export function taggingName(tagging: Arrangement['tagging']): string {
  switch (tagging) {
    case 'all':
      return l10n.t('All images');
    case 'tagged':
      return l10n.t('Tagged');
    case 'manual':
      return l10n.t('Tagged manually');
    case 'maybe':
      return l10n.t('Maybe');
    case 'untagged':
      return l10n.t('Untagged');
  }
}

export function sizeName(size: Arrangement['size']): string {
  switch (size) {
    case 'all':
      return l10n.t('Any');
    case 'icon':
      return l10n.t('Up to {0} pixels', 64);
    case 'small':
      return l10n.t('{0} to {1} pixels', 65, 256);
    case 'medium':
      return l10n.t('{0} to {1} pixels', 257, 1024);
    case 'large':
      return l10n.t('More than {0} pixels', 1024);
  }
}

export function colourName(colour: Arrangement['colours'][number]): string {
  switch (colour) {
    case 'red':
      return l10n.t('Red');
    case 'orange':
      return l10n.t('Orange');
    case 'yellow':
      return l10n.t('Yellow');
    case 'green':
      return l10n.t('Green');
    case 'cyan':
      return l10n.t('Cyan');
    case 'blue':
      return l10n.t('Blue');
    case 'purple':
      return l10n.t('Purple');
    case 'pink':
      return l10n.t('Pink');
    case 'brown':
      return l10n.t('Brown');
    case 'black':
      return l10n.t('Black');
    case 'grey':
      return l10n.t('Grey');
    case 'white':
      return l10n.t('White');
  }
}
