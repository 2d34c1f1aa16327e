-- A schema with one of everything that is easy to lose. Runs on version 12.
create extension citext;
create extension hstore;
create extension pg_trgm;
comment on extension hstore is 'pairs of our own';

create schema app;
create schema "Quoted ""Schema""";
grant usage on schema app to reader;

create type app.mood as enum ('sad', 'so-so', 'happy');
alter type app.mood add value 'ecstatic' after 'happy';
commit;
create domain app.email as citext check (value ~ '@') not null;
create domain app.percent as numeric(5, 2) constraint in_range check (value between 0 and 100);
create domain app.half as app.percent check (value <= 50);
create type app.address as (street text, city text, lines int[]);
create type app.float_range as range (subtype = float8);
create collation app.korean (provider = libc, locale = 'C.utf8');

create table app.every_type (
  id bigint generated always as identity primary key,
  b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, n2 numeric(20, 5), m money,
  t text, v varchar(40), c char(7), bin bytea, d date, ti time, tz timetz, ts timestamp, tstz timestamptz,
  iv interval, u uuid, j json, jb jsonb, x xml, ip inet, net cidr, mac macaddr, mac8 macaddr8, bits bit(5), vb varbit,
  p point, l line, ls lseg, bx box, pa path, po polygon, ci circle, tsv tsvector, tsq tsquery,
  r4 int4range, rn numrange, rt tstzrange, rf app.float_range,
  ai int[], at text[], af float8[], aa int[][], au uuid[], ae app.mood[], ad app.percent[],
  mo app.mood, em app.email default 'a@b', pc app.percent, ha app.half, addr app.address, addrs app.address[], h hstore, ct citext,
  rc regclass, o oid, lsn pg_lsn, nm name, jp jsonpath, ch "char",
  doubled int8 generated always as (i4::int8 * 2) stored
);
insert into app.every_type (b, i2, i4, i8, f4, f8, n, n2, m, t, v, c, bin, d, ti, tz, ts, tstz, iv, u, j, jb, x, ip, net,
  mac, mac8, bits, vb, p, l, ls, bx, pa, po, ci, tsv, tsq, r4, rn, rt, rf, ai, at, af, aa, au, ae, ad, mo, em, pc, ha,
  addr, addrs, h, ct, rc, o, lsn, nm, jp, ch)
select g % 2 = 0, g, g * 1000, g * 10000000000, g / 3.0, g / 7.0, g / 11.0, g * 1.00001, g, '텍스트 ' || g || E' \t\\ "q" ''s'' \n',
  'v' || g, 'c' || g, decode('00ff00' || lpad(to_hex(g), 6, '0'), 'hex'), date '2000-01-01' + g, time '01:02:03.456789',
  timetz '01:02:03+09', timestamp '2020-02-29 23:59:59.999999', timestamptz '2024-03-10 02:30:00+09' + g * interval '1 hour',
  g * interval '1 mon -3 days 04:05:06.7', md5(g::text)::uuid, '{"b": 1,  "a" : [1, 2.50, null]}',
  jsonb_build_object('n', g, 't', E'가\u0001\n'), '<a b="1">&amp;텍</a>', '192.168.0.1/24', '10.0.0.0/8', '08:00:2b:01:02:03',
  '08:00:2b:01:02:03:04:05', b'10101', b'1', point(g, 1.1), '{1,2,3}', '[(0,0),(1,1.5)]', '(1,1),(0,0)', '((0,0),(1,1))',
  '((0,0),(1,1),(2,0))', '<(0,0),2.5>', to_tsvector('simple', 'a fat cat ' || g), 'fat & cat'::tsquery,
  int4range(g, g + 5), numrange(1.5, null), tstzrange('2020-01-01+09', '2021-01-01+09'), app.float_range(0.1, 0.3),
  array[g, null, -g], array['a', '', null, 'x"y', '{}', 'NULL', '한글'], '{0.1,NaN,Infinity,-0}', array[[1, 2], [3, 4]],
  array[md5(g::text)::uuid], array['happy', 'sad']::app.mood[], array[1.5, 99]::app.percent[], 'ecstatic', 'User@Example.com',
  g % 100, g % 50, row('길 1, "2"', 'Seoul', array[1, 2])::app.address, array[row('a', null, '{}')]::app.address[],
  hstore(array['k', 'q"'], array[g::text, null]), 'CiText' || g, 'pg_class', g, '16/B374D848', 'a name', '$.a[*] ? (@ > 1)', 'q'
from generate_series(1, 300) g;
insert into app.every_type (f4, f8, n, d, ts, tstz, t, bin, j, at) values
  ('NaN', 'NaN', 'NaN', 'infinity', 'infinity', 'infinity', '', '', 'null', '{}'),
  ('Infinity', '-Infinity', 0, '-infinity', '-infinity', '-infinity', null, '\x00', '""', null),
  ('-0', '-0', 1e100, '4713-01-01 BC', '4713-01-01 BC', '294276-12-31 23:59:59+00', '\N', '\x5c2e0a', '{"\u0000x": 1}', '{NULL}'),
  (1.17549435e-38, 5e-324, -0.000000000000000000001, null, null, null, E'\\.', '\x0a0d', null, null);
comment on table app.every_type is 'It''s
-- Name: trap; Type: INDEX; Schema: app; Owner: nobody
--
not a header';
comment on column app.every_type.t is '글';
alter table app.every_type alter column i4 set statistics 500;
create index every_type_lower on app.every_type (lower(t)) where b;
create index every_type_jb on app.every_type using gin (jb jsonb_path_ops);
create index every_type_trgm on app.every_type using gin (t gin_trgm_ops);
create index every_type_r4 on app.every_type using gist (r4);
create unique index every_type_inc on app.every_type (u, id) include (i4);
create statistics app.every_type_stats (dependencies) on i2, i4 from app.every_type;
cluster app.every_type using every_type_pkey;

create table app.parent (id int primary key, note text, unique (note) deferrable initially deferred);
create table app.child (extra int check (extra > 0)) inherits (app.parent);
insert into app.parent select g, 'p' || g from generate_series(1, 20) g;
insert into app.child select g, 'c' || g, g from generate_series(100, 130) g;

create table app.event (id bigserial, at timestamptz not null, kind text not null, primary key (id, at, kind)) partition by range (at);
create table app.event_2023 partition of app.event for values from ('2023-01-01+00') to ('2024-01-01+00');
create table app.event_2024 partition of app.event for values from ('2024-01-01+00') to ('2025-01-01+00') partition by list (kind);
create table app.event_2024_a partition of app.event_2024 for values in ('a');
create table app.event_2024_rest partition of app.event_2024 default;
create index event_kind on app.event (kind);
insert into app.event (at, kind)
select timestamptz '2023-06-01+00' + g * interval '1 day', case when g % 3 = 0 then 'a' else 'b' end from generate_series(1, 400) g;
create table app.hashed (id int, v text) partition by hash (id);
create table app.hashed_0 partition of app.hashed for values with (modulus 2, remainder 0);
create table app.hashed_1 partition of app.hashed for values with (modulus 2, remainder 1);
insert into app.hashed select g, 'h' || g from generate_series(1, 50) g;

create table app.chicken (id int primary key, egg int);
create table app.egg (id int primary key, chicken int not null references app.chicken (id) on delete cascade);
insert into app.chicken select g, g from generate_series(1, 30) g;
insert into app.egg select g, g from generate_series(1, 30) g;
alter table app.chicken add constraint hatched foreign key (egg) references app.egg (id) deferrable initially deferred;
create table app.self (id int primary key, up int references app.self (id));
insert into app.self values (1, null), (2, 1), (3, 2);
alter table app.parent add constraint later check (id < 1000) not valid;

create table app.audit (at timestamptz default clock_timestamp(), what text);
create function app.log_it() returns trigger language plpgsql as $body$
begin
  insert into app.audit (what) values (tg_op || ' ' || tg_table_name || E'; -- Name: x; Type: y');
  return new;
end $body$;
create trigger chicken_log after insert or update on app.chicken for each row execute function app.log_it();
create trigger event_log after insert on app.event for each row execute function app.log_it();
alter table app.chicken disable trigger chicken_log;
create rule child_rule as on delete to app.child do instead nothing;
create function app.add(int, int default 2) returns int language sql immutable strict as 'select $1 + $2';
create procedure app.nothing() language plpgsql as $$ begin null; end $$;
create aggregate app.total(int) (sfunc = int4pl, stype = int, initcond = '0');
create operator app.=+= (leftarg = int, rightarg = int, function = app.add);
create cast (app.mood as int) with inout;

create view app.happy as select t.id, t.mo, t.t || '!' as shout from app.every_type t where t.mo > 'sad' with check option;
create view app.joined with (security_barrier) as
  select p.id, count(*) over (partition by c.extra) as n from app.parent p left join app.child c using (id);
create materialized view app.counts as select kind, count(*) n from app.event group by kind;
create unique index counts_kind on app.counts (kind);
create materialized view app.counts_again as select sum(n) from app.counts;
create materialized view app.never as select 1 as one with no data;

create table app.tenant_data (id int primary key, tenant text, v text);
insert into app.tenant_data select g, 't' || g % 3, 'v' || g from generate_series(1, 60) g;
alter table app.tenant_data enable row level security;
alter table app.tenant_data force row level security;
create policy own_rows on app.tenant_data for select to reader using (tenant = current_setting('app.tenant', true));
create policy insert_rows on app.tenant_data as restrictive for insert with check (tenant <> '');
grant select, insert on app.tenant_data to reader with grant option;
grant select (id, kind) on app.event to reader;
alter table app.parent owner to owner_of_some;
alter default privileges in schema app grant select on tables to reader;

create table "Quoted ""Schema"""."한글 테이블" ("키" int primary key, "Mixed Case" text collate "C", "quo""te" text collate app.korean, "sel;ect" text);
insert into "Quoted ""Schema"""."한글 테이블" select g, 'Z' || g, '나' || g, E'a\tb' from generate_series(1, 40) g;
create index "인덱스" on "Quoted ""Schema"""."한글 테이블" ("quo""te");
comment on table "Quoted ""Schema"""."한글 테이블" is '표';
create sequence "Quoted ""Schema"""."순서" as smallint start 5 increment -3 minvalue -30000 maxvalue 100 cycle cache 4;
select nextval('"Quoted ""Schema"""."순서"') from generate_series(1, 7);

create table no_key (a int, b text);
insert into no_key select g % 10, 'x' || g % 5 from generate_series(1, 200) g;
insert into no_key values (null, null), (null, null), (1, 'twin'), (1, 'twin');
create table composite_key (a int, b text collate "C", c date, v text, primary key (b, a, c));
insert into composite_key select g, 'k' || g % 7, date '2024-01-01' + g, md5(g::text) from generate_series(1, 500) g;
create table text_key (k text primary key, v int);
insert into text_key select md5(g::text) || case when g % 2 = 0 then 'É' else 'z' end, g from generate_series(1, 500) g;
create table unique_only (a int not null unique, v text);
insert into unique_only select g, 'u' from generate_series(1, 10) g;
create table empty_table (id int primary key);
create table no_columns ();
insert into no_columns default values;
insert into no_columns default values;
create table only_generated (a int generated always as (1) stored);
insert into only_generated default values;
create table dropped_column (a int, gone text, b int default 7, primary key (a));
insert into dropped_column select g, 'gone' from generate_series(1, 10) g;
alter table dropped_column drop column gone;
alter table dropped_column add column c text not null default 'added';
create unlogged table unlogged_table (a int primary key);
insert into unlogged_table values (1), (2);
create table wide_value (id int primary key, t text, b bytea);
insert into wide_value select g, repeat(md5(g::text), 20000), decode(repeat('00ff10', 100000), 'hex') from generate_series(1, 8) g;

create sequence unused_sequence start 77;
create sequence set_sequence;
select setval('set_sequence', 12345, false);
create table identities (a int generated by default as identity (start 10 increment 5), b serial);
insert into identities default values; insert into identities default values;

select lo_from_bytea(70001, '\x00010203ff'), lo_from_bytea(70002, ''), lo_from_bytea(70003, decode(repeat('ab00', 1500000), 'hex'));
grant select on large object 70001 to reader;
comment on large object 70001 is 'a picture';
create table attachments (id int primary key, lob oid);
insert into attachments values (1, 70001), (2, 70003);
create publication some_rows for table app.parent;
analyze;
