-- Least privileges, as roles of the whole server; an administrator runs this on the district's database, before the first night, after it, and
-- after an upgrade (it may run at any time, and again): psql "$ADMINISTRATOR" --set=ON_ERROR_STOP=1 --file=include/sql/roles.sql
--
-- passback_pipeline   owns schemas and tables, and brings them up to date; no superuser, and no right elsewhere
-- passback_pages      reads what the status pages show; writes opt-outs, and nothing else
-- passback_analyst    reads the views of the schema report, and nothing else
--
-- None of them can log in by itself: docs/data-engineer.md says how a log-in gets one.
do $$
declare
    role text;
begin
    foreach role in array array['passback_pipeline', 'passback_pages', 'passback_analyst'] loop
        if not exists (select from pg_roles where rolname = role) then
            execute format('create role %I nologin', role);
        end if;
    end loop;
end
$$;

do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect, temporary, create on database %I to passback_pipeline', current_database());
    execute format('grant connect on database %I to passback_pages, passback_analyst', current_database());
end
$$;

-- The migrations' own books are in public.
revoke create on schema public from public;
grant usage, create on schema public to passback_pipeline;

-- What an earlier log-in of the pipeline made becomes the role's.
do $$
declare
    found record;
begin
    for found in
        select format('alter schema %I owner to passback_pipeline', n.nspname) as statement
        from pg_namespace as n
        where n.nspname in ('staging', 'passback', 'report')
    loop
        execute found.statement;
    end loop;
    for found in
        select format(
            'alter %s %I.%I owner to passback_pipeline',
            case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, n.nspname, c.relname
        ) as statement
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'v', 'S')
            and (n.nspname in ('staging', 'passback', 'report') or (n.nspname = 'public' and c.relname ~ '^_?yoyo_'))
            -- A sequence of a column goes with its table.
            and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
    loop
        execute found.statement;
    end loop;
    for found in
        select format('alter routine %s owner to passback_pipeline', p.oid::regprocedure) as statement
        from pg_proc as p
        join pg_namespace as n on n.oid = p.pronamespace
        where n.nspname in ('staging', 'passback', 'report')
    loop
        execute found.statement;
    end loop;
end
$$;

-- What is there now, and what later versions add. The pages see no record of the sources and no roster of students.
do $$
begin
    if exists (select from pg_namespace where nspname = 'report') then
        grant usage on schema report to passback_analyst, passback_pages;
        grant select on all tables in schema report to passback_analyst, passback_pages;
        alter default privileges for role passback_pipeline in schema report grant select on tables to passback_analyst, passback_pages;
    end if;
    if exists (select from pg_namespace where nspname = 'passback') then
        -- The views' functions read the catalogue of codes in the reader's own name. Without a right on its schema nothing else can be.
        grant select on passback.code to passback_analyst;
        grant usage on schema passback to passback_pages;
        grant select on all tables in schema passback to passback_pages;
        alter default privileges for role passback_pipeline in schema passback grant select on tables to passback_pages;
        grant insert on passback.opt_out to passback_pages;
    end if;
    if exists (select from pg_namespace where nspname = 'staging') then
        grant usage on schema staging to passback_pages;
        grant select on
            staging.school, staging.section, staging.section_teacher, staging.teacher_category, staging.grading_period,
            staging.otus_assessment, staging.otus_assignment, staging.otus_class, staging.otus_user,
            staging.schoology_section, staging.schoology_item, staging.schoology_category, staging.schoology_grading_period
        to passback_pages;
    end if;
end
$$;
