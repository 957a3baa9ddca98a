"""The pages in Airflow's UI and their API: FastAPI, templates and static files, loaded by the api-server alone.

How a page is made: a module with `router = APIRouter()`, included by `app.py`, which puts log-in, read permission and
the check of foreign writes on every route. A route takes `ShellDep` and answers `shell.page("x.html", tab, title, …)`
with a template that extends `base.html` (blocks `head` and `main`); `shell.reading` is a read-only connection for
`database.rows(shell.reading, "name", …)`. A write takes `dependencies=[Depends(may_sync)]` or `may_opt_out`, and a
connection of its own. Routes lie side by side under `/passback/` and their parameters in the query (`item?source=&id=`,
`errors`, `configuration`, `run?dag_id=&run_id=`), so every address in a template is relative: `address(route, …)`,
`item_address(source, id)`, `static(name)`. Scripts and styles are files: the content security policy allows no inline
ones, no `style=` and no `onclick=`. A script tells results by `passback.say(text)` and writes by
`await passback.write("api/…", {…})`.
"""
