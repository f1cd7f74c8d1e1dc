import { shortened } from './printable.ts';

/** The part of zod's errors that messages use. */
interface SchemaError {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** Maximum number of problems in a message, and of characters of each: a file can have any number of any length. */
const MOST_PROBLEMS = 10;
const MOST_CHARACTERS = 300;

/** Lists what is wrong with a file that a schema does not accept, as lines of a UserError. */
export function schemaProblems({ issues }: SchemaError): string[] {
  const lines = issues.slice(0, MOST_PROBLEMS).map(({ path, message }) => {
    const place = path.length === 0 ? '' : `${path.map(String).join('.')}: `;
    return shortened(`  ${place}${message}`, MOST_CHARACTERS);
  });
  const more = issues.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more`] : lines;
}
