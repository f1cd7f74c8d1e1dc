import * as z from 'zod';
import { fileSize } from '../../../base/format.ts';
import { parseJson } from '../../../base/parseJson.ts';
import { schemaProblems } from '../../../base/schemaProblems.ts';
import { UserError, messageOf } from '../../../base/userError.ts';
import { cachedRepository, safeName, type CachedRepository } from './cache.ts';
import { hashOfTag, type FileHash } from './hash.ts';
import { requestHub, headerOf } from './request.ts';
import type { HubSettings } from './settings.ts';
import { Transient, withRetries } from './transient.ts';

/** A commit of a repository at the hub, or its cached files. */
export interface Repository {
  /** "owner/name" */
  readonly id: string;
  readonly commit: string;
  /** Names of all files, with "/". */
  readonly files: readonly string[];
  /** Licence in its model card, usually an SPDX id in lower case; null where it is missing or unknown (offline). */
  readonly licence: string | null;
  readonly cache: CachedRepository;
}

/** The size and hash of a file, from the hub's own answer. */
export interface FileFacts {
  readonly name: string;
  readonly size: number;
  readonly hash: FileHash;
}

/** Maximum size of the description of a repository: a hundred thousand files. */
const LARGEST_ANSWER = 16_000_000;
const ID = /^\w[\w.-]*\/\w[\w.-]*$/;
const infoSchema = z.object({
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  siblings: z.array(z.object({ rfilename: z.string() })),
  cardData: z.object({ license: z.union([z.string(), z.array(z.string())]).optional() }).nullish(),
  tags: z.array(z.string()).nullish(),
});

/** Whether this is the name of a repository at the hub ("owner/name"). */
export function isRepositoryId(text: string): boolean {
  return ID.test(text) && !text.includes('..') && !text.includes('--');
}

/**
 * Requests the commit of a revision and its files from the hub, or offline from the cache.
 * @throws UserError where there is no such repository, the hub refuses access, or nothing is cached
 */
export async function openRepository(
  settings: HubSettings,
  id: string,
  revision: string,
  signal?: AbortSignal,
): Promise<Repository> {
  if (!isRepositoryId(id))
    throw new UserError(`"${id}" is not the name of a repository at the hub. Specify it as owner/name.`);
  const cache = cachedRepository(settings.cacheFolder, id);
  if (settings.offline) {
    const commit = await cache.commitOf(revision);
    const files = commit === null ? [] : await cache.files(commit);
    if (commit !== null && files.length > 0) return { id, commit, files, licence: null, cache };
    throw new UserError(
      `HF_HUB_OFFLINE is set, and ${id} at "${revision}" is not in ${settings.cacheFolder}. Unset HF_HUB_OFFLINE to download it, or set HF_HUB_CACHE to the cache that contains it.`,
    );
  }
  const address = `${settings.endpoint}/api/models/${id}/revision/${encodeURIComponent(revision)}`;
  const info = await requestShort(settings, signal, async (within) => {
    const answers = await requestHub(settings, address, {
      method: 'GET',
      followsToOtherHosts: false,
      what: id,
      signal: within,
    });
    const text = await shortText(answers.at(-1), settings, id);
    const parsed = infoSchema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    throw new UserError([
      `${settings.endpoint} sent an invalid response for ${id}:`,
      ...schemaProblems(parsed.error),
      'Check HF_ENDPOINT.',
    ]);
  });
  const files = info.siblings.map(({ rfilename }) => rfilename);
  for (const name of files) safeName(name);
  return { id, commit: info.sha, files, licence: licenceOf(info), cache };
}

/**
 * The size and hash of a file. They come from the hub's own response, not from the host that it redirects to, whose
 * bytes they verify.
 */
export async function fileFacts(
  settings: HubSettings,
  repository: Repository,
  name: string,
  signal?: AbortSignal,
): Promise<FileFacts> {
  const what = `${name} of ${repository.id}`;
  const answers = await requestShort(settings, signal, (within) =>
    requestHub(settings, fileAddress(settings, repository, name), {
      method: 'HEAD',
      // A compressed transfer would have another length and possibly another tag.
      headers: { 'accept-encoding': 'identity' },
      followsToOtherHosts: false,
      what,
      signal: within,
    }),
  );
  // If the hub serves the file itself, its plain headers apply; those of a redirect describe the redirect.
  const direct = answers.at(-1)?.status === 200 ? answers.slice(-1) : [];
  const commit = headerOf(answers, 'x-repo-commit');
  const hash = hashOfTag(headerOf(answers, 'x-linked-etag') ?? headerOf(direct, 'etag') ?? '');
  const size = Number(headerOf(answers, 'x-linked-size') ?? headerOf(direct, 'content-length') ?? NaN);
  if (commit !== repository.commit || hash === null || !Number.isSafeInteger(size) || size < 0) {
    const lacks = hash === null ? 'hash' : commit !== repository.commit ? 'commit' : 'size';
    throw new UserError(
      `${settings.endpoint} did not send the ${lacks} of ${what}, so the download cannot be verified. Set HF_ENDPOINT to the hub itself, or to a mirror that forwards its headers.`,
    );
  }
  return { name, size, hash };
}

export function fileAddress({ endpoint }: HubSettings, { id, commit }: Repository, name: string): string {
  return `${endpoint}/${id}/resolve/${commit}/${name.split('/').map(encodeURIComponent).join('/')}`;
}

/** A request with a short answer, with retries and a time limit. */
function requestShort<T>(
  settings: HubSettings,
  signal: AbortSignal | undefined,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withRetries(settings.retryMilliseconds, signal, async () => {
    const limit = AbortSignal.timeout(settings.stallMilliseconds);
    try {
      return await attempt(signal ? AbortSignal.any([signal, limit]) : limit);
    } catch (error) {
      if (signal?.aborted || !limit.aborted) throw error;
      throw new Transient(
        `${settings.endpoint} has not responded for ${settings.stallMilliseconds / 1000} s. Try again later, or check the proxy (HTTPS_PROXY).`,
      );
    }
  });
}

/** @throws UserError where the text is too long; Transient where it was cut */
async function shortText(response: Response | undefined, settings: HubSettings, what: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of (response?.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.byteLength;
      if (bytes > LARGEST_ANSWER) {
        throw new UserError(
          `${settings.endpoint} sent more than ${fileSize(LARGEST_ANSWER)} for ${what}. Check HF_ENDPOINT.`,
        );
      }
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof UserError ? error : cut(settings, what, error);
  }
  return Buffer.concat(parts).toString('utf8');
}

function cut(settings: HubSettings, what: string, error: unknown): Transient {
  return new Transient(
    `The response of ${settings.endpoint} for ${what} was incomplete (${messageOf(error)}). Try again.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return null; // does not match the schema
  }
}

function licenceOf({ cardData, tags }: z.infer<typeof infoSchema>): string | null {
  const named = cardData?.license;
  if (named !== undefined) return Array.isArray(named) ? named.join(', ') : named;
  return tags?.find((tag) => tag.startsWith('license:'))?.slice('license:'.length) ?? null;
}
