import json
from sandbox.server import running
from sandbox.small import small_district
def test_it(running_airflow, running_database_uri):
    with running(small_district().district) as sandbox:
        for n, v in sandbox.connections().items():
            running_airflow.set_connection(n.removeprefix("AIRFLOW_CONN_").lower(), json.loads(v))
        r = running_airflow.trigger("passback_nightly", {"as_of": "2026-10-15"})
        assert running_airflow.wait("passback_nightly", r, seconds=120) == "success", running_airflow.states("passback_nightly", r)
        assert len(sandbox.control.writes()) > 100
def test_dag(airflow_home, passback_db, monkeypatch):
    from airflow.dag_processing.dagbag import DagBag
    import os, datetime
    with running(small_district().district) as sandbox:
        for n, v in sandbox.connections().items(): monkeypatch.setenv(n, v)
        bag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
        dr = bag.dags["passback_nightly"].test(logical_date=datetime.datetime.now(datetime.UTC), run_conf={"as_of": "2026-10-15"})
        assert dr.state == "success"
