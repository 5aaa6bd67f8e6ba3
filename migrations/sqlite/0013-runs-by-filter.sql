-- A filtered queue in any order is answered by this index alone: by name too.
DROP INDEX runs_by_filter;
CREATE INDEX runs_by_filter ON runs (
  created_at, id, status, grade, band, night_mjd, seeing_arcsec, candidate_count, name, words
);
