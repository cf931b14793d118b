-- The few whom a registration waits for.
CREATE INDEX accounts_platform_staff ON accounts (id) WHERE platform_staff;
