-- Two accounts of PostgreSQL for isync: isync_owner makes and changes the tables (isync db:migrate), isync_run works with the rows.
-- Whoever takes over the server can then neither drop a table nor hide a trigger in one. As an administrator, once:
--
--   createdb isync
--   psql -d isync -v owner_password="$OWNER" -v run_password="$RUN" -f roles.sql
--
-- Letters and digits are enough for the passwords: openssl rand -hex 24.
\set ON_ERROR_STOP on
begin;

create role isync_owner login password :'owner_password';
create role isync_run login password :'run_password' connection limit 100;

-- An account that can be anybody's has no business here.
select format('revoke all on database %I from public', current_database()) \gexec
select format('grant connect, create on database %I to isync_owner', current_database()) \gexec
select format('grant connect on database %I to isync_run', current_database()) \gexec

revoke all on schema public from public;
grant usage, create on schema public to isync_owner;
grant usage on schema public to isync_run;

-- Tables that isync_owner makes, now and with every later version.
alter default privileges for role isync_owner in schema public grant select, insert, update, delete on tables to isync_run;
alter default privileges for role isync_owner in schema public grant usage, select on sequences to isync_run;

-- isync purge has the server clear away what it erased (vacuum). From PostgreSQL 17 on that can be allowed; before, only the owner may:
-- let purge and keys:rotate run as isync_owner there (docs/deploy.md), else erased values stay in the files until autovacuum comes by.
select 'alter default privileges for role isync_owner in schema public grant maintain on tables to isync_run'
  where current_setting('server_version_num')::int >= 170000 \gexec

commit;
