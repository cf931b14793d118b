-- What somebody has approved, for their own list.
CREATE INDEX approval_steps_by ON approval_steps (approved_by, enrolment_id);
