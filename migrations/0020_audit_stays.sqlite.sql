-- The audit is written and read. Nobody who speaks to the database as the server does changes or removes a line, or forgets how far they are
-- tied to one another.
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'a line of the audit stays as it was written');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'a line of the audit stays as it was written');
END;
CREATE TRIGGER audit_chain_kept BEFORE DELETE ON facts WHEN OLD.name = 'audit chain' BEGIN
    SELECT RAISE(ABORT, 'the chain of the audit is not begun anew');
END;
