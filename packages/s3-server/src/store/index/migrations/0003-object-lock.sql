-- NULL: no object lock. Else its configuration as JSON; once there it stays, and so do the versions (versioning is then
-- Enabled for good). What locks a version lies in its attributes.
ALTER TABLE bucket ADD COLUMN object_lock TEXT;
