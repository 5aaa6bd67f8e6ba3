-- What the stars injected into an image say of its depth; the field view shows it, lists never read it.
ALTER TABLE runs ADD COLUMN completeness_json TEXT;
