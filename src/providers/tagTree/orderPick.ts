import * as vscode from 'vscode';
import { IMAGE_ORDERS, LABEL_ORDERS, type TreeOrder } from './treeOrder.ts';
import { imageOrderName, labelOrderName } from './wording.ts';

const KEY = 'tagTree.order';

export function storedOrder(state: vscode.Memento): TreeOrder {
  const stored = state.get<Partial<TreeOrder>>(KEY, {});
  return {
    labels: LABEL_ORDERS.find((order) => order === stored.labels) ?? 'name',
    images: IMAGE_ORDERS.find((order) => order === stored.images) ?? 'score',
  };
}

export async function storeOrder(state: vscode.Memento, order: TreeOrder): Promise<void> {
  await state.update(KEY, order);
}

interface OrderItem extends vscode.QuickPickItem {
  readonly order?: TreeOrder;
}

/** Lets the user pick an order of labels or of images. The other order stays. */
export async function pickOrder(current: TreeOrder): Promise<TreeOrder | undefined> {
  const separator = (label: string): OrderItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const item = (label: string, isCurrent: boolean, order: TreeOrder): OrderItem => ({
    label,
    order,
    ...(isCurrent ? { description: vscode.l10n.t('current') } : {}),
  });
  const items = [
    separator(vscode.l10n.t('Labels')),
    ...LABEL_ORDERS.map((labels) => item(labelOrderName(labels), labels === current.labels, { ...current, labels })),
    separator(vscode.l10n.t('Images')),
    ...IMAGE_ORDERS.map((images) => item(imageOrderName(images), images === current.images, { ...current, images })),
  ];
  const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Sort Tags') });
  return picked?.order;
}
