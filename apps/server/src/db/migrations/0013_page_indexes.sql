-- How many users are active, in as few pages as possible: a text that is the same in every row takes next to no room.
create index users_active on users (state) where state = 'active';

-- Permissions of one store by id: of a store that was added late, the first is behind all those of the others.
create index permissions_store on permissions (store, id);
