import { and, asc, eq, sql } from 'drizzle-orm';
import {
  type ConsensusConfig,
  CURATOR_SHAPES,
  type CurationRules,
  type Curator,
  checkTaxonomy,
  STARTER_TAXONOMY,
  stampClock,
  type Taxonomy,
} from '../../../domains/curation/index.ts';
import { AstridError } from '../../../utils/errors.ts';
import type { Connection } from '../connection.ts';
import { curators, settings, standingLabels, taxonomies } from '../schema/index.ts';
import { labelStatements } from './label-statements.ts';
import { projectByRules } from './project-candidates.ts';
import { CONSENSUS_KEY, readConsensus } from './project-labels.ts';
import { newestClock, TAXONOMY_KEY, taxonomyInUse } from './record-events.ts';

const CURATOR_KEY = 'curation.curator';

/** Keep who labels, in what words, and by which rules. */
export function createCurationRules(connection: Connection): CurationRules {
  const { orm } = connection;
  // Prepared once: who labels is asked with every label.
  const byId = orm
    .select()
    .from(curators)
    .where(eq(curators.id, sql.placeholder('id')))
    .prepare();
  const find = (id: string): Curator | undefined => {
    const row = byId.get({ id });
    return row && toCurator(row);
  };
  const { readSetting } = labelStatements(connection);
  const writeSetting = (key: string, value: unknown): void => {
    const updatedAt = connection.now();
    orm
      .insert(settings)
      .values({ key, value, updatedAt })
      .onConflictDoUpdate({ target: settings.key, set: { value, updatedAt } })
      .run();
  };
  const save = (curator: Curator): Curator => {
    const row = { ...curator, clock: nextClock(connection) };
    orm.insert(curators).values(row).onConflictDoUpdate({ target: curators.id, set: row }).run();
    return curator;
  };

  return {
    listCurators: () =>
      connection.read(() =>
        orm.select().from(curators).orderBy(asc(curators.name), asc(curators.id)).all().map(toCurator),
      ),
    saveCurator: (curator) => connection.write(() => save(curator)),
    currentCurator: async (defaultName) => {
      const findChosen = (): Curator | undefined => {
        const chosen = readSetting(CURATOR_KEY);
        return typeof chosen === 'string' ? find(chosen) : undefined;
      };
      // It is asked with every list: only the first time there is something to write.
      const chosen = await connection.read(findChosen);
      if (chosen !== undefined) return chosen;
      return connection.write(() => {
        const known = findChosen();
        if (known !== undefined) return known;
        // Another person's profile may have come with a merge: the account's own name is looked for first.
        const named = orm.select().from(curators).where(eq(curators.name, defaultName)).get();
        const curator = named
          ? toCurator(named)
          : save({
              id: connection.makeId(),
              name: defaultName,
              shortId: defaultName.slice(0, 3).toUpperCase(),
              colour: 0,
              shape: CURATOR_SHAPES[0],
            });
        writeSetting(CURATOR_KEY, curator.id);
        return curator;
      });
    },
    chooseCurator: (id) =>
      connection.write(() => {
        const curator = find(id);
        if (curator === undefined)
          throw new AstridError(
            'curation/curator-not-found',
            `There is no curator ${id} in this workspace.`,
            {
              id,
            },
          );
        writeSetting(CURATOR_KEY, id);
        return curator;
      }),
    taxonomy: () => connection.read(() => readTaxonomy(connection)),
    saveTaxonomy: (taxonomy) =>
      connection.write(() => {
        checkTaxonomy(taxonomy);
        const { id, version } = taxonomy;
        const taken =
          (id === STARTER_TAXONOMY.id && version === STARTER_TAXONOMY.version) ||
          orm
            .select({ id: taxonomies.id })
            .from(taxonomies)
            .where(and(eq(taxonomies.id, id), eq(taxonomies.version, version)))
            .get() !== undefined;
        if (taken)
          throw new AstridError(
            'curation/taxonomy-version-reused',
            `Version ${version} of the taxonomy ${id} is kept already and labels may bear it; save this one as a later version.`,
            { id, version },
          );
        orm.insert(taxonomies).values({ id, version, createdAt: connection.now(), taxonomy }).run();
        writeSetting(TAXONOMY_KEY, { id, version });
        return taxonomy;
      }),
    countClasses: () =>
      connection.read(
        () =>
          new Map(
            orm
              .select({ classId: standingLabels.classId, n: sql<number>`count(*)` })
              .from(standingLabels)
              .where(sql`class_id IS NOT NULL`)
              .groupBy(standingLabels.classId)
              .all()
              .map(({ classId, n }) => [classId!, n]),
          ),
      ),
    consensus: () => connection.read(() => readConsensus(connection)),
    setConsensus: (config: ConsensusConfig) =>
      connection.write(() => {
        const before = readConsensus(connection);
        writeSetting(CONSENSUS_KEY, config);
        projectByRules(connection, before);
      }),
  };
}

/** The taxonomy in use. */
function readTaxonomy(connection: Connection): Taxonomy {
  const { id, version } = taxonomyInUse(connection);
  return (
    connection.orm
      .select({ taxonomy: taxonomies.taxonomy })
      .from(taxonomies)
      .where(and(eq(taxonomies.id, id), eq(taxonomies.version, version)))
      .get()?.taxonomy ?? STARTER_TAXONOMY
  );
}

/** Profiles share the clock of events: where two workspaces are merged, the newest of a person stays. */
function nextClock(connection: Connection): string {
  const newest = connection.orm.select({ clock: sql<string>`coalesce(max(clock), '')` }).from(curators).get();
  const seen = [newest?.clock ?? '', newestClock(connection)].sort().at(-1)!;
  return stampClock(seen, Date.parse(connection.now()));
}

function toCurator({ clock, ...curator }: typeof curators.$inferSelect): Curator {
  return curator;
}
