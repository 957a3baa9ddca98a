import sys, json, time, resource, os, threading

sys.path[:0] = ["plugins", "include", "."]
from sandbox.district import SchoologySection
from tests.sources.schoology import world
from tests.sources.otus_world import new_run


def test_perf(database_uri, monkeypatch, settings):
    import multiprocessing

    N = 400
    ITEMS = 20
    ST = 25

    def sec(n):
        items = [world.item(n * 1000 + i) for i in range(ITEMS)]
        enr = [world.enrollment(n * 100 + s, str(100000 + s)) for s in range(ST)]
        grades = [
            world.grade(n * 1000 + i, n * 100 + s, grade=str((i * s) % 101)) for i in range(ITEMS) for s in range(ST)
        ]
        return world.section(n, items=items, grades=grades, enrollments=enr)

    for n in range(1, N + 1):
        pass
    import psycopg

    with psycopg.connect(database_uri) as c:
        c.execute(
            "insert into staging.section select 85000+n,'101',3601,'A','1','2026-08-20','2027-05-28',1 from generate_series(1,%s) n",
            [N],
        )
        c.execute(
            "insert into staging.enrollment select '101',85000+n,1,(100000+s)::text,'2026-08-20',null,false,1 from generate_series(1,%s) n, generate_series(0,24) s",
            [N],
        )
    from sandbox.server import running
    from passback.sources.schoology.extract import extract_schoology

    with running(
        world.district([sec(n) for n in range(1, N + 1)]), schoology={"requests_per_5_seconds": 0, "log_bodies": False}
    ) as s:
        monkeypatch.setenv("AIRFLOW_CONN_SCHOOLOGY", s.connections()["AIRFLOW_CONN_SCHOOLOGY"])
        for days in (7, 7, 0):
            from dataclasses import replace

            st = replace(settings, schoology=replace(settings.schoology, full_sweep_days=days))
            m = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            t = time.time()
            cpu = time.thread_time()
            f = extract_schoology(database_uri, new_run(database_uri), st)
            print(
                "TIME",
                round(time.time() - t, 1),
                "cpu",
                round(time.thread_time() - cpu, 1),
                f["collections"]["grades"],
                f["requests"],
                "rss MB",
                m // 1024,
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            )
