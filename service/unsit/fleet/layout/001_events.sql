-- The id of an event is 128 bits: 48 of ms since 1970, 32 of the number, 48 of a hash. So it sorts by
-- time, the primary key makes a second delivery harmless, and a month is a range of ids.

create table chair (
  no int generated always as identity primary key,
  id text not null unique,
  area text,
  owner text
);
comment on column chair.owner is 'role that may see the events of this chair; null for nobody';

create table event (
  id uuid primary key,
  chair int not null,
  mark text not null,
  seq bigint not null,
  at timestamptz not null,
  type text not null,
  fields jsonb not null
) partition by range (id);
create index event_chair_at on event (chair, at);
create table event_other partition of event default;

-- The least id of an instant.
create function first_id(moment timestamptz) returns uuid
language sql immutable parallel safe
return rpad(lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid;

-- Create the table of a month, unless event_other has events of that month already.
create function make_month(moment timestamptz) returns void
language plpgsql as $$
declare
  month timestamptz := date_trunc('month', moment, 'UTC');
  name text := 'event_' || to_char(month at time zone 'UTC', 'YYYY_MM');
begin
  if to_regclass(name) is null then
    execute format('create table if not exists %I partition of event for values from (%L) to (%L)',
      name, first_id(month), first_id(month + interval '1 month'));
  end if;
exception when check_violation then null;
end $$;

-- Drop the months that ended before an instant; return how many.
create function drop_months(before timestamptz) returns int
language plpgsql as $$
declare
  part text;
  dropped int := 0;
begin
  for part in
    select relid::text from pg_partition_tree('event')
    where relid::text ~ '^event_\d{4}_\d\d$'
      and to_date(substr(relid::text, 7), 'YYYY_MM') + interval '1 month' <= before at time zone 'UTC'
  loop
    execute format('drop table %I', part);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

-- What has come of each counter of a chair. seqs: numbers that are stored. gone: numbers that the chair
-- has no more. newest: last number that the chair has named. retired: when another counter took over.
create table counter (
  chair int not null,
  mark text not null,
  seqs int8multirange not null default '{}',
  gone int8multirange not null default '{}',
  newest bigint not null default 0,
  retired timestamptz,
  primary key (chair, mark)
) with (fillfactor = 70);

create view missing as
  select chair.id as chair, mark, lower(part) as first, upper(part) - 1 as last, retired
  from counter join chair on chair.no = counter.chair,
    unnest(int8multirange(int8range(1, greatest(coalesce(upper(seqs), 1), newest + 1))) - seqs - gone) as part;

-- Holes: numbers that a chair has given and that it can still send.
create view hole as select chair, mark, first, last from missing where retired is null;

-- Lost: numbers that no chair can send any more, because a card was replaced or the chair forgot them.
create view lost as
  select chair, mark, first, last from missing where retired is not null
  union all
  select chair.id, mark, lower(part), upper(part) - 1
  from counter join chair on chair.no = counter.chair, unnest(gone - seqs) as part;

-- Messages that are no events, with the reason.
create table poison (
  no bigint generated always as identity primary key,
  came timestamptz not null default now(),
  topic text not null,
  payload bytea not null,
  why text not null,
  digest bytea not null generated always as (sha256(payload)) stored,
  unique (topic, digest)
);

-- Bouts, as the chairs have measured them.
create view bout with (security_invoker = true) as
  select chair, mark, seq, (fields->>'started')::timestamptz as started, (fields->>'ended')::timestamptz as ended,
    (fields->>'duration_s')::float8 as duration_s, (fields->>'seated_s')::float8 as seated_s,
    (fields->>'reminders')::int as reminders, coalesce((fields->>'cut')::boolean, false) as cut
  from event where type = 'bout_ended';

-- A person sees the chairs that are hers, and nobody sees those of others.
alter table chair enable row level security;
alter table event enable row level security;
create policy own_chair on chair for select using (owner = current_user);
create policy own_events on event for select
  using (chair in (select no from chair where owner = current_user));

-- Share of the chairs of an area that were taken in each quarter of an hour, rounded to 0.1. Areas of
-- fewer than five chairs are left out, and 1 or 2 taken or free chairs are null.
create function area_share(since timestamptz, until timestamptz)
returns table (slot timestamptz, area text, chairs int, share numeric)
language sql stable security definer set search_path from current as $$
  with size as (
    select area, count(*)::int as chairs from chair where area is not null group by 1 having count(*) >= 5
  ),
  taken as (
    select slot, chair.area, count(distinct chair.no) as number
    from generate_series(date_bin('15 min', since, '2000-01-01 00:00+00'), until - interval '1 us', interval '15 min') as slot
      join event on event.type = 'bout_ended' and event.at >= slot and event.at < until + interval '2 days'
        and (event.fields->>'started')::timestamptz < slot + interval '15 min'
        and (event.fields->>'ended')::timestamptz > slot
      join chair on chair.no = event.chair
    group by 1, 2
  )
  select every.slot, size.area, size.chairs,
    case when coalesce(number, 0) in (1, 2) or size.chairs - coalesce(number, 0) in (1, 2) then null
      else round(coalesce(number, 0)::numeric / size.chairs, 1) end
  from generate_series(date_bin('15 min', since, '2000-01-01 00:00+00'), until - interval '1 us', interval '15 min') as every(slot)
    cross join size left join taken on taken.slot = every.slot and taken.area = size.area
  order by 1, 2
$$;
revoke all on function area_share from public;
