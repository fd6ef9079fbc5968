-- A user who waits for the first sign-in with a verified e-mail address, of one issuer or (null) of any.
create table prepared_identities (
  user_id text primary key references users on delete cascade,
  email text not null,
  issuer text,
  created_at timestamptz not null default now()
);
-- Only ASCII letters are folded: folding Unicode would let one address pass for another.
create unique index prepared_identities_email on prepared_identities (lower(email collate "C"), issuer) nulls not distinct;

-- The person or an administrator chose the name: what the issuer says does not replace it.
alter table users add column name_chosen boolean not null default false;

-- Searching by how something begins is a range of an index, however many users there are.
create index users_by_state on users (state, id);
create index users_by_email on users (lower(email) collate "C", id);
create index users_by_name on users (lower(name) collate "C", id);
create index users_by_last_name on users (lower(regexp_replace(name, '^.*\s', '')) collate "C", id);
create index users_by_domain on users (lower(split_part(email, '@', 2)) collate "C", id);
create index users_by_id on users (id collate "C");
-- Whether another administrator is left.
create index users_administrators on users (id) where is_admin;
create index groups_by_name on groups (lower(name) collate "C", id);

drop trigger users_changed on users;
create trigger users_changed after update on users for each row
  when (old.is_admin <> new.is_admin or old.state <> new.state or old.name is distinct from new.name)
  execute function notify_user_change();
create trigger users_deleted after delete on users for each row execute function notify_user_change();

-- Processes that hold permissions and tokens in memory, and when each was last heard: whoever takes something away waits
-- until each has let go of it, or can't have heard its own heartbeat any more.
create table live_processes (
  id text primary key,
  beat_at timestamptz not null
);
