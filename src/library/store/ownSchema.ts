import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/** An entry of a schema, in a form that does not depend on white space and quotes. */
type Entry = string;

/** Returns the entries of the schema of a database. */
export function schemaOf(connection: DatabaseSync): Set<Entry> {
  return new Set(connection.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema').all().map(entryOf));
}

/** Returns the schema that statements create in an empty database. */
export function schemaFrom(statements: readonly string[]): Set<Entry> {
  const connection = new DatabaseSync(':memory:');
  try {
    for (const statement of statements) connection.exec(statement);
    return schemaOf(connection);
  } finally {
    connection.close();
  }
}

/** Returns the name of an entry of `schema` that `own` does not have, or the reverse; undefined if they are equal. */
export function difference(schema: ReadonlySet<Entry>, own: ReadonlySet<Entry>): string | undefined {
  const foreign = [...schema].find((entry) => !own.has(entry)) ?? [...own].find((entry) => !schema.has(entry));
  return foreign?.split('\n')[1];
}

/** SQLite keeps the text of a statement. It changes only names when a table or column is renamed, and quotes them. */
function entryOf({ type, name, tbl_name: table, sql }: Record<string, SQLOutputValue>): Entry {
  const statement = typeof sql === 'string' ? sql.replace(/\s+/g, ' ').replace(/"(\w+)"/g, '$1') : '';
  return [type, name, table, statement].map((part) => String(part).replaceAll('\n', ' ')).join('\n');
}
