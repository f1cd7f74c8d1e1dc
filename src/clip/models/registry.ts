import type { Precision } from '../base/manifest.ts';
import type { Score } from '../families/index.ts';

/**
 * A recommended model. Its licence allows AssetLens to download it for the user, and its model card has its accuracy.
 */
export interface RegisteredModel {
  /** Argument of `models add`, and the name it is installed under. */
  readonly id: string;
  readonly title: string;
  readonly repository: string;
  /** Commit hash. */
  readonly revision: string;
  /** Folder in the repository. Default: the root. */
  readonly folder?: string;
  readonly precision?: Precision;
  /** SPDX. */
  readonly licence: string;
  /** Approximate size of the download. The user confirms the exact size. */
  readonly megabytes: number;
  /** ImageNet zero-shot top-1 accuracy in per cent, as its authors publish it. */
  readonly accuracy: number;
  readonly goodFor: string;
  /** How cosines become logits, for graphs that do not contain it. */
  readonly score?: Score;
  /**
   * SHA-256 by file name, where it was also published outside of the hub. The hash at the hub is verified in any case.
   */
  readonly pinned?: Readonly<Record<string, string>>;
}

/**
 * Best first for most users. Checkpoints are converted; DataComp's is also listed with the graphs of rclip, which are
 * used unchanged. MobileCLIP, DFN (Apple's research terms) and MetaCLIP (CC-BY-NC) are missing because of their
 * licences.
 */
export const registeredModels: readonly RegisteredModel[] = [
  {
    id: 'datacomp-b32-256',
    title: 'DataComp ViT-B/32, 256 px',
    repository: 'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K',
    revision: '4afec35ffe57a943d569ff7ee888061830164da8',
    licence: 'MIT',
    megabytes: 608,
    accuracy: 72.8,
    goodFor: 'photos and drawings; the most accurate model at its speed',
    pinned: { 'open_clip_model.safetensors': '92c26d60d3200ed5ed040dff31a8d19f8140648da8007216c25744c478deef27' },
  },
  {
    id: 'datacomp-b32-256-rclip',
    title: 'DataComp ViT-B/32, 256 px, the graphs of rclip',
    repository: 'yurijmikhalevich/rclip-models',
    revision: '17b9d07433aad73f70d338d8a1c7a4cef83887e0',
    folder: 'ViT-B-32-256-datacomp_s34b_b86k',
    licence: 'MIT',
    megabytes: 607,
    accuracy: 72.8,
    goodFor: 'the same model, if rclip has already downloaded it',
    pinned: {
      'ViT-B-32-256-datacomp_s34b_b86k/visual.onnx': '3f7e6f94e5a34bc7ee8aba84aec0f963f56974ab405fbcd334c8e1c3f832bd2c',
      'ViT-B-32-256-datacomp_s34b_b86k/textual.onnx':
        'ee267cd64f0f77362670ae0140476ed51ee8c5a761d41636e09997f2fdddcacc',
    },
  },
  {
    id: 'siglip2-b16',
    title: 'SigLIP 2 B/16, 224 px',
    repository: 'onnx-community/siglip2-base-patch16-224-ONNX',
    revision: 'ba1f3b0843f24bc5417d38e19c37b287d719b2f4',
    precision: 'fp16',
    licence: 'Apache-2.0',
    megabytes: 785,
    accuracy: 78.2,
    goodFor:
      'photos and queries in many languages, with probabilities from its training; a quarter of the speed of B/32',
    // exp(4.724453449249268) and the bias of google/siglip2-base-patch16-224.
    score: { logitScale: 112.66890226978423, logitBias: -16.771724700927734 },
    pinned: {
      'onnx/vision_model_fp16.onnx': 'a1959f7bd3993a607e48839f6d01e25b876fe76afda301b028b78eef68aabd95',
      'onnx/text_model_fp16.onnx': '711da56ada0a4aa11c7dd3320df741081a3cae4f0ae1b5e5c6d5b294738d0eb0',
    },
  },
  {
    id: 'laion-b32',
    title: 'LAION-2B ViT-B/32',
    repository: 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
    revision: '1a25a446712ba5ee05982a381eed697ef9b435cf',
    licence: 'MIT',
    megabytes: 608,
    accuracy: 66.6,
    goodFor: 'sketches, icons, art from the web, and photos',
    pinned: { 'open_clip_model.safetensors': 'ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6' },
  },
  {
    id: 'openai-l14',
    title: 'OpenAI ViT-L/14',
    repository: 'timm/vit_large_patch14_clip_224.openai',
    revision: '18d0535469bb561bf468d76c1d73aa35156c922b',
    licence: 'MIT',
    megabytes: 1713,
    accuracy: 75.3,
    goodFor: 'fine distinctions between photos; about a twentieth of the speed of B/32',
    pinned: { 'open_clip_model.safetensors': '9ce2e8a8ebfff3793d7d375ad6d3c35cb9aebf3de7ace0fc7308accab7cd207e' },
  },
  {
    id: 'openai-b16',
    title: 'OpenAI ViT-B/16',
    repository: 'timm/vit_base_patch16_clip_224.openai',
    revision: '977e3dd0ec55ab8da155f2fbeb6b5f54948b6e3d',
    licence: 'MIT',
    megabytes: 601,
    accuracy: 68.6,
    goodFor: 'small objects in photos, and finer heatmaps; a quarter of the speed of B/32',
    pinned: { 'open_clip_model.safetensors': '4b8699299b1e8997753c64b052ba32031449d5d853f55a039148560ee02b820f' },
  },
  {
    id: 'openai-b32',
    title: 'OpenAI ViT-B/32',
    repository: 'timm/vit_base_patch32_clip_224.openai',
    revision: 'a6f597a30f7b82c51704746581f9a4e41421e878',
    licence: 'MIT',
    megabytes: 607,
    accuracy: 63.2,
    goodFor: 'results that are comparable with other tools, most of which use this model',
    pinned: { 'open_clip_model.safetensors': 'e6d1bd7789aa45192b3bf90570a789b478bae1b74ebcce7eddd908e83a2b7c31' },
  },
  {
    id: 'openai-rn50',
    title: 'OpenAI RN50',
    repository: 'timm/resnet50_clip.openai',
    revision: 'ec3d92cf63a5f9d591f0d611b736895966c73076',
    licence: 'MIT',
    megabytes: 411,
    accuracy: 59.6,
    goodFor: 'the convolutional encoder of the paper',
    pinned: { 'open_clip_model.safetensors': 'da0baa37fb2211eee5729ab69ed587eb10d48f5b7076ceeed01552fc3d4cb4ee' },
  },
  {
    id: 'tinyclip-39m',
    title: 'TinyCLIP ViT-39M/16',
    repository: 'wkcn/TinyCLIP-ViT-39M-16-Text-19M-YFCC15M',
    revision: '07a4b0bc751cb64fecd2b661c048c1dd98d69444',
    licence: 'MIT',
    megabytes: 335,
    accuracy: 63.5,
    goodFor: 'photos; as accurate as OpenAI’s B/32, half the size and half the speed',
  },
  {
    id: 'tinyclip-8m',
    title: 'TinyCLIP ViT-8M/16',
    repository: 'wkcn/TinyCLIP-ViT-8M-16-Text-3M-YFCC15M',
    revision: 'a2a8c6eaa2549ad66eb7c31b85022bf58273a26c',
    licence: 'MIT',
    megabytes: 96,
    accuracy: 41.1,
    goodFor: 'photos on small machines',
    pinned: { 'model.safetensors': '9339ee3d736344d0ddcaa6c03edc9f89688f08caaea5401220885233da726fcc' },
  },
];
