-- An index for one question only, which reads a run's detections as columns. Its condition holds for every row, but
-- only that question asks for it: all others keep the indexes that were made for them.
DROP INDEX detections_columns;
CREATE INDEX detections_columns ON detections (
  run_id, superseded_at, is_vetoed, score, snr, mag, ra_deg, dec_deg, x_px, y_px, is_negative, label_verdict,
  model_version, rank
) WHERE rank > 0;
