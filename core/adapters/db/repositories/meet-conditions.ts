import { eq, isNull, not, type SQL, sql } from 'drizzle-orm';
import type { RunCondition } from '../../../pipeline/ports.ts';
import { detections, runs } from '../schema/index.ts';

const numbers = {
  night: runs.nightMjd,
  candidates: runs.candidateCount,
  seeing: runs.seeingArcsec,
} as const;

/** Say in SQL what a filter asks of a run; what is not known of a run is not excluded. */
export function meets(condition: RunCondition): SQL {
  const holds = meetsPlainly(condition);
  return condition.isExcluded ? not(sql`coalesce(${holds}, 0)`) : holds;
}

function meetsPlainly(condition: RunCondition): SQL {
  switch (condition.kind) {
    case 'word':
      return sql`instr(${runs.words}, ${condition.word}) > 0`;
    case 'status':
      return sql`${runs.status} = ${condition.is}`;
    case 'band':
      return sql`${runs.band} = ${condition.is}`;
    case 'grade':
      return condition.is === 'none' ? isNull(runs.grade) : eq(sql`${runs.grade}`, condition.is);
    case 'is': {
      const labelled = sql`(SELECT count(*) FROM ${detections} WHERE ${detections.runId} = ${runs.id}
        AND ${detections.supersededAt} IS NULL AND ${detections.labelId} IS NOT NULL)`;
      return condition.is === 'labelled' ? sql`${labelled} > 0` : sql`${runs.candidateCount} > ${labelled}`;
    }
    case 'night':
    case 'candidates':
    case 'seeing':
      return sql`${numbers[condition.kind]} ${sql.raw(condition.comparison)} ${condition.value}`;
  }
}
