-- The audit is written and read. Nobody who speaks to the database as the server does changes or removes a line, or forgets how far they are
-- tied to one another.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of the audit stays as it was written, and its chain is not begun anew';
END
$$;
CREATE TRIGGER audit_unchanged BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_kept BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_chain_kept BEFORE DELETE ON facts FOR EACH ROW WHEN (OLD.name = 'audit chain') EXECUTE FUNCTION audit_stays();
