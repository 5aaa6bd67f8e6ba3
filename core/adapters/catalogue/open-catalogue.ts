import { and, asc, desc, eq, gt } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type {
  Change,
  PushAnswer,
  ReferenceLog,
  SharedCatalogue,
  SharedChange,
} from '../../domains/sync/index.ts';
import { AstridError } from '../../utils/errors.ts';
import { type CatalogueAddress, connectPool, nameServer } from './connect.ts';
import { explainPostgresError } from './explain-postgres-error.ts';
import { newerCatalogue } from './migrate-catalogue.ts';
import { holdStill, readReferences } from './read-references.ts';
import { changes, members, projects, schemaVersions } from './schema.ts';

/** The schema of the catalogue that this program knows: the number of the newest file of `migrations/postgres`. */
export const KNOWN_SCHEMA = 3;

/** One member's view of one project. */
export interface OpenCatalogue extends SharedCatalogue, ReferenceLog {
  /**
   * Try what a connection needs, one thing after the other.
   *
   * @throws sync/unreachable, sync/wrong-password, sync/no-such-database, sync/certificate-not-trusted, sync/no-tls,
   *   sync/not-set-up, sync/catalogue-newer, sync/not-a-member
   */
  examine(): Promise<CatalogueFacts>;
  close(): Promise<void>;
}

/** What a member finds. */
export interface CatalogueFacts {
  readonly where: string;
  readonly schema: number;
  readonly project: { readonly id: string; readonly name: string; readonly head: number };
  readonly login: string;
  readonly role: 'viewer' | 'labeller' | 'operator' | 'admin';
  /** How far the clock of this machine is ahead of the server's, ms; half the way there and back is taken off. */
  readonly clockAheadMs: number;
}

/**
 * Open a project of a shared catalogue; nothing is asked of the server before the first question.
 *
 * @throws sync/bad-address
 */
export function openCatalogue(address: CatalogueAddress, projectId: string): OpenCatalogue {
  const pool = connectPool(address);
  const where = nameServer(address);
  const orm = drizzle({ client: pool });
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw explainPostgresError(error, where);
    }
  };

  return {
    push: (outgoing) =>
      attempt(async () => {
        const { rows } = await pool.query<{ answers: readonly PushAnswer[] | null }>(
          'SELECT astrid.push($1, $2, $3::jsonb) AS answers',
          [projectId, KNOWN_SCHEMA, JSON.stringify(outgoing.map(toMessage))],
        );
        return rows[0]?.answers ?? [];
      }),
    pull: (afterSeq, limit) =>
      attempt(async () => {
        const rows = await orm
          .select()
          .from(changes)
          .where(and(eq(changes.projectId, projectId), gt(changes.seq, afterSeq)))
          .orderBy(asc(changes.seq))
          .limit(limit);
        return rows.map(toChange);
      }),
    readReferences: (afterSeq, tell) => attempt(async () => readReferences(pool, projectId, afterSeq, tell)),
    holdStill: (work) => attempt(() => holdStill(pool, projectId, work)),
    examine: () =>
      attempt(async () => {
        const [version] = await orm
          .select()
          .from(schemaVersions)
          .orderBy(desc(schemaVersions.version))
          .limit(1);
        if (version === undefined)
          throw new AstridError(
            'sync/not-set-up',
            `${where} has an empty catalogue; its owner has to run “astrid sync setup” once, or to begin a project in the Sync screen.`,
            {
              where,
            },
          );
        // A newer schema that still takes what we write is no hindrance.
        if (version.oldestWriter > KNOWN_SCHEMA) throw newerCatalogue(version.version, KNOWN_SCHEMA);
        const [project] = await orm.select().from(projects).where(eq(projects.id, projectId));
        const sentMs = Date.now();
        const { rows } = await pool.query<{ login: string; now_ms: string }>(
          'SELECT session_user::text AS login, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms',
        );
        const { login, now_ms } = rows[0]!;
        const [member] = await orm
          .select()
          .from(members)
          .where(and(eq(members.projectId, projectId), eq(members.login, login)));
        if (project === undefined || member === undefined)
          throw new AstridError(
            'sync/not-a-member',
            `The login ${login} on ${where} is no member of this project; ask an admin of the project for membership.`,
            { where, login, projectId },
          );
        return {
          where,
          schema: version.version,
          project: { id: project.id, name: project.name, head: project.head },
          login,
          role: member.role,
          clockAheadMs: Math.round((sentMs + Date.now()) / 2 - Number(now_ms)),
        };
      }),
    close: () => pool.end(),
  };
}

function toMessage(change: Change): Readonly<Record<string, unknown>> {
  const { id, kind, entity, key, value, clock } = change;
  const base = { id, kind, entity, key, value, clock };
  return change.kind === 'set' ? { ...base, field: change.field, basedOn: change.basedOn } : base;
}

function toChange(row: typeof changes.$inferSelect): SharedChange {
  const { seq, id, entity, key, value, clock, author } = row;
  const base = { seq, id, entity, key, value, clock, author };
  // What a newer program wrote may be of a kind unknown here; the log that receives it sees to that.
  return (
    row.kind === 'set'
      ? { ...base, kind: 'set', field: row.field ?? '', basedOn: row.basedOn }
      : { ...base, kind: 'append' }
  ) as SharedChange;
}
